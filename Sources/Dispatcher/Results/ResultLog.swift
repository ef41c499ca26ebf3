import EventCodec
import EventModel

/// What a peer is told of one of its records, and others of an event.
enum LoggedResult {
  case result(DispatchResult, KeptEventRecord)
  /// The record was no event, or asked for what cannot be.
  case refusal(EventID, DeadLetterReason, detail: String)

  var origin: EventID {
    switch self {
    case .result(let result, _): result.id
    case .refusal(let id, _, detail: _): id
    }
  }

  /// The transaction that it tells of, if it does.
  var transaction: UInt64? {
    if case .result(let result, _) = self { result.transaction?.number } else { nil }
  }

  /// Is it for a subscriber, of a worker's own lane?
  func concerns(_ subscription: UInt32, of worker: ByteText?) -> Bool {
    if case .result(let result, _) = self { result.concerns(subscription, of: worker) } else { false }
  }

  var recordCount: Int {
    if case .result(let result, _) = self { ResultEncoder.recordCount(of: result) } else { 1 }
  }

  /// An event is held as its text and decoded, which takes most for a list of short texts.
  private static let eventBytesPerTextByte = 4

  /// About what it takes in memory.
  var bytes: Int {
    let base = 512
    switch self {
    case .refusal(_, _, let detail): return base + detail.utf8.count
    case .result(let result, let event):
      let texts = result.observations.reduce(Self.eventBytesPerTextByte * event.textBytes) { $0 + $1.outcome.textBytes }
      guard let transaction = result.transaction else { return base + texts }
      return base + texts + transaction.actionCount * MemoryLayout<Action>.stride
        + transaction.tasksToKill.count * MemoryLayout<TaskToKill>.stride
    }
  }
}

/// A result on its way to those it is for: the log and the outboxes share one.
final class StoredResult {
  let content: LoggedResult
  /// The number of its record in the journal: it may be told once that is durable. 0 when nothing is awaited.
  let record: UInt64
  /// The newest transaction as of this result: its own, if it has one.
  let transaction: UInt64
  /// In which it was made; nil for the present one.
  let epoch: UInt64?
  /// The peer that sent the event asked for it.
  let isForOrigin: Bool
  /// About what it takes in memory.
  let bytes: Int
  /// In the log; 0 outside of it.
  fileprivate(set) var number: UInt64 = 0

  init(_ content: LoggedResult, record: UInt64, transaction: UInt64, epoch: UInt64? = nil, isForOrigin: Bool) {
    self.content = content
    self.record = record
    self.transaction = transaction
    self.epoch = epoch
    self.isForOrigin = isForOrigin
    bytes = content.bytes
  }

  convenience init(_ content: LoggedResult, _ place: ResultDelivery.Place, isForOrigin: Bool) {
    let transaction = content.transaction ?? place.transaction
    self.init(content, record: place.record, transaction: transaction, isForOrigin: isForOrigin)
  }
}

/// The results that cannot be told yet, and behind them the newest ones, for peers that come back. Owned by the dispatch
/// thread; kept with a journal alone.
///
/// What cannot be told is bounded by its bytes, and nothing of it is ever pushed out: whoever makes results looks for room
/// before. Of the rest, the number and the bytes that are kept are bounded.
struct ResultLog {
  private var entries = Queue<StoredResult>()
  /// Of the first entry; results are numbered from 1 in the order they were made, those without a transaction too.
  private(set) var firstNumber: UInt64 = 1
  /// The first entry that could not be told when that was last looked at.
  private var firstUntold: UInt64 = 1
  private(set) var untoldBytes = 0
  /// The newest transaction whose result could be told when that was last looked at.
  private(set) var newestTold: UInt64 = 0
  private(set) var bytes = 0
  /// Results that could be told and are kept all the same.
  let capacity: Int

  /// Results that cannot be told yet; events wait when there are more.
  static let untoldBytesLimit = 64 << 20
  /// Of results that are kept for peers that come back.
  static let keptBytesLimit = 64 << 20

  init(capacity: Int) {
    precondition(capacity > 0, "the result log keeps at least one result")
    self.capacity = capacity
  }

  var nextNumber: UInt64 { firstNumber + UInt64(entries.count) }

  /// Of the results that cannot be told but for the newest, which may be of any size.
  var untoldBytesBeforeNewest: Int { untoldBytes == 0 ? 0 : untoldBytes - (entries.last?.bytes ?? 0) }

  /// Results that could be told.
  var keptCount: Int { Int(firstUntold - firstNumber) }

  /// May another result be made, of whatever size?
  var hasRoom: Bool { untoldBytes < Self.untoldBytesLimit }

  /// - Parameter tellable: the newest record of the journal of which may be told.
  mutating func append(_ result: StoredResult, tellable: UInt64) {
    result.number = nextNumber
    entries.append(result)
    bytes += result.bytes
    untoldBytes += result.bytes
    settle(tellable: tellable)
  }

  /// Lets old results go that could be told.
  mutating func settle(tellable: UInt64) {
    while let next = self[firstUntold], next.record <= tellable {
      untoldBytes -= next.bytes
      newestTold = next.transaction
      firstUntold += 1
    }
    while let first = entries.first, firstNumber < firstUntold,
      entries.count > capacity || bytes - untoldBytes > Self.keptBytesLimit
    {
      bytes -= first.bytes
      entries.removeFirst()
      firstNumber += 1
    }
    assert(untoldBytes >= 0 && bytes >= untoldBytes)
  }

  /// nil when the result is not kept any more.
  subscript(number: UInt64) -> StoredResult? {
    guard number >= firstNumber, number < nextNumber else { return nil }
    return entries[Int(number - firstNumber)]
  }
}
