import CRingmaster
import EventModel

/// The engaged mass-failure brake of a zone.
public struct BrakeRow: Sendable, Hashable {
  /// Empty for the workers that name no zone and those of zones too small to be judged by themselves.
  public let zone: String
  public let engagedMs: Int64
  /// When it engaged.
  public let silentWorkers: Int32
  public let workers: Int32
  /// Lost since.
  public let expiredWorkers: Int32
  /// An operator lets workers expire as fast as ever.
  public let isOverridden: Bool

  public init(
    zone: String, engagedMs: Int64, silentWorkers: Int32, workers: Int32, expiredWorkers: Int32, isOverridden: Bool
  ) {
    self.zone = zone
    self.engagedMs = engagedMs
    self.silentWorkers = silentWorkers
    self.workers = workers
    self.expiredWorkers = expiredWorkers
    self.isOverridden = isOverridden
  }

  init(_ fields: RowFields) throws(CodecError) {
    let numbers = try fields.numbers(as: rm_brake_numbers.self)
    self.init(
      zone: fields.zone ?? "", engagedMs: numbers.engaged_ms, silentWorkers: numbers.silent_workers,
      workers: numbers.workers, expiredWorkers: numbers.expired_workers, isOverridden: numbers.is_overridden != 0)
  }
}

extension RecordWriter {
  mutating func encode(_ row: BrakeRow, _ head: inout rm_result_head) {
    head.code = QueryEntity.brakes.rawValue
    begin(head)
    append(RM_TAG_ZONE, row.zone)
    var numbers = rm_brake_numbers()
    numbers.engaged_ms = row.engagedMs
    numbers.silent_workers = row.silentWorkers
    numbers.workers = row.workers
    numbers.expired_workers = row.expiredWorkers
    numbers.is_overridden = row.isOverridden ? 1 : 0
    append(RM_TAG_ROW_NUMBERS, value: numbers)
  }
}
