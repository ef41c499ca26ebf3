import CRingmaster
import EventCodec
import EventModel
import EventRing
import Platform

/// The reading end of a peer's result ring. One thread at a time.
public struct ResultPort: ~Copyable, @unchecked Sendable {
  private var ring: SharedRing
  private var consumer: RingConsumer
  package private(set) var progress: ResultProgress
  private var assembler: ResultAssembler
  /// Of the dispatcher that writes here.
  package private(set) var epoch: UInt64
  private let text: UnsafeMutableRawBufferPointer
  private var bell: Doorbell

  package init(ring: consuming SharedRing, bell: consuming Doorbell, progress: ResultProgress, epoch: UInt64) {
    self.progress = progress
    self.epoch = epoch
    self.assembler = ResultAssembler(epoch: epoch)
    self.consumer = ring.consumer()
    self.ring = ring
    self.bell = bell
    self.text = .allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
  }

  deinit {
    text.deallocate()
  }

  /// The descriptor that becomes readable when results arrive after `park` said true.
  public var descriptor: Int32 {
    bell.descriptor.raw
  }

  /// The next whole message; nil when the ring has no more for now.
  ///
  /// - Throws: `CodecError` or `RingFault` when the dispatcher wrote something that makes no sense.
  public mutating func next() throws -> ResultMessage? {
    while let payload = consumer.head(as: rm_payload.self) {
      let slots = Int(unsafeBitCast(payload, to: rm_result_head.self).slots)
      try consumer.copyContinuation(slots: slots, into: text)
      consumer.advance(by: slots)
      let bytes = UnsafeRawBufferPointer(rebasing: text[..<((slots - 1) * Int(RM_SLOT_PAYLOAD))])
      if let message = try assembler.accept(payload, text: bytes), progress.note(message) { return message }
    }
    consumer.release()
    return nil
  }

  /// The head of the next record, whose text is skipped: for whoever counts records and does not read them. Not to be
  /// mixed with `next` in the middle of a result.
  ///
  /// - Returns: nil when the ring has no more for now.
  /// - Throws: `RingFault` when the dispatcher wrote something that makes no sense.
  public mutating func nextHead() throws(RingFault) -> rm_payload? {
    guard let payload = consumer.head(as: rm_payload.self) else { return nil }
    let slots = Int(unsafeBitCast(payload, to: rm_result_head.self).slots)
    guard slots >= 1, slots <= ring.layout.maximumRecordSlots else {
      throw .impossibleLength(slots: slots, maximum: ring.layout.maximumRecordSlots)
    }
    consumer.advance(by: slots)
    return payload
  }

  /// Nothing was read yet: results up to this transaction do not come on this ring.
  package mutating func begin(after transaction: UInt64) {
    progress = ResultProgress(transaction)
  }

  /// Reads from another ring from now on. What the old one held of a result whose end never came is dropped: the whole
  /// of it comes again.
  ///
  /// - Parameter lastTransaction: where the dispatcher goes on, which may be before what was delivered.
  package mutating func renew(
    ring: consuming SharedRing, bell: consuming Doorbell, lastTransaction: UInt64, epoch: UInt64
  ) {
    progress.goBack(to: lastTransaction)
    consumer = ring.consumer()
    self.ring = ring
    self.bell = bell
    assembler = ResultAssembler(epoch: epoch)
    self.epoch = epoch
  }

  /// Announces that this side is about to sleep on `descriptor`.
  ///
  /// - Returns: false when something arrived meanwhile: read on instead. After true, and after waking, call `unpark`.
  public func park() -> Bool {
    consumer.park()
  }

  public func unpark() {
    consumer.unpark()
    bell.answer()
  }
}
