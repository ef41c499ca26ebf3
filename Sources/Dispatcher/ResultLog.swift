import EventModel

/// The newest results, for clients that are behind. Owned by the dispatch thread.
///
/// Results are numbered from 1 in the order they were made, those without a transaction too.
struct ResultLog {
  private var entries: [DispatchResult?]
  private(set) var nextNumber: UInt64 = 1

  init(capacity: Int) {
    precondition(capacity > 0, "the result log keeps at least one result")
    entries = Array(repeating: nil, count: capacity)
  }

  var capacity: Int {
    entries.count
  }

  /// The number of the oldest result still kept.
  var firstNumber: UInt64 {
    nextNumber > UInt64(entries.count) ? nextNumber - UInt64(entries.count) : 1
  }

  /// - Returns: the result's number.
  mutating func append(_ result: DispatchResult) -> UInt64 {
    let number = nextNumber
    entries[Int(number % UInt64(entries.count))] = result
    nextNumber += 1
    return number
  }

  /// nil when the result is not kept any more.
  subscript(number: UInt64) -> DispatchResult? {
    guard number >= firstNumber, number < nextNumber else { return nil }
    return entries[Int(number % UInt64(entries.count))]
  }
}
