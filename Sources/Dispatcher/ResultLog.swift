import EventCodec
import EventModel

/// What a peer is told of one of its records, and others of an event.
enum LoggedResult {
  case result(DispatchResult)
  /// The record was no event, or asked for what cannot be.
  case refusal(EventID, DeadLetterReason, detail: String)

  var origin: EventID {
    switch self {
    case .result(let result): result.event.id
    case .refusal(let id, _, detail: _): id
    }
  }

  /// The transaction that it tells of, if it does.
  var transaction: UInt64? {
    if case .result(let result) = self { result.transaction?.number } else { nil }
  }

  /// The subscriptions that ask for it.
  var concerns: UInt32 {
    if case .result(let result) = self { result.concerns } else { 0 }
  }

  var recordCount: Int {
    if case .result(let result) = self { ResultEncoder.recordCount(of: result) } else { 1 }
  }
}

/// The newest results, for clients that are behind. Owned by the dispatch thread.
///
/// Results are numbered from 1 in the order they were made, those without a transaction too.
struct ResultLog {
  struct Entry {
    let content: LoggedResult
    /// The number of its record in the journal: it may be told once that is durable. 0 when nothing is awaited.
    let record: UInt64
    /// The newest transaction as of this result: its own, if it has one.
    let transaction: UInt64
    /// The peer that sent the event asked for it.
    let isForOrigin: Bool
  }

  private var entries: [Entry?]
  /// The journal's records of the entries, once more, where they are looked at for each event.
  private var records: [UInt64]
  private(set) var nextNumber: UInt64 = 1
  /// The first result of this dispatcher; those before were made again from the journal.
  var firstOwnNumber: UInt64 = 1

  init(capacity: Int) {
    precondition(capacity > 0, "the result log keeps at least one result")
    entries = Array(repeating: nil, count: capacity)
    records = Array(repeating: 0, count: capacity)
  }

  var capacity: Int {
    entries.count
  }

  /// The number of the oldest result still kept.
  var firstNumber: UInt64 {
    nextNumber > UInt64(entries.count) ? nextNumber - UInt64(entries.count) : 1
  }

  /// Has the oldest result been told, or could it have been? Another one takes its place.
  ///
  /// - Parameter tellable: the newest record of the journal of which may be told.
  func mayForgetOldest(tellable: UInt64) -> Bool {
    records[Int(nextNumber % UInt64(records.count))] <= tellable
  }

  /// Results of this dispatcher have been pushed out.
  var hasForgottenOwnResults: Bool {
    firstNumber > firstOwnNumber
  }

  /// - Returns: the result's number.
  @discardableResult
  mutating func append(
    _ content: LoggedResult, record: UInt64, transaction: UInt64, isForOrigin: Bool
  ) -> UInt64 {
    let number = nextNumber
    entries[Int(number % UInt64(entries.count))] = Entry(
      content: content, record: record, transaction: transaction, isForOrigin: isForOrigin)
    records[Int(number % UInt64(records.count))] = record
    nextNumber += 1
    return number
  }

  /// nil when the result is not kept any more.
  subscript(number: UInt64) -> Entry? {
    guard number >= firstNumber, number < nextNumber else { return nil }
    return entries[Int(number % UInt64(entries.count))]
  }
}
