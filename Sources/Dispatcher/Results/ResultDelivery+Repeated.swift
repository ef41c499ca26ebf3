import CRingmaster
import EventCodec
import EventModel

/// What came of an event that a source says again.
extension ResultDelivery {
  /// - Parameter slots: of the longest record that its ring has room for.
  /// - Returns: nil when there is none, or it is too long to be published at once.
  mutating func firstAnswer(_ refusal: PendingRefusal, slots: Int) -> UnsafeRawBufferPointer? {
    guard let first = refusal.first else { return nil }
    let records = ResultEncoder.recordCount(of: first)
    guard records <= Self.recordsWrittenAtOnce, let record = try? eventWriter.record(of: first.event) else {
      return nil
    }
    let run = KeptEventRecord(record).withRecord {
      encoder.encodeRun(first, as: $0, records: records, promise: promise, epoch: first.epoch)
    }
    return run.flatMap { $0.count <= slots * Int(RM_SLOT_PAYLOAD) ? $0 : nil }
  }
}

extension PendingRefusal {
  /// A reader puts the records of one result together before it takes another.
  ///
  /// - Parameter records: of a result that is half sent.
  func waits(behind records: Int) -> Bool { first != nil && records > 0 }
}
