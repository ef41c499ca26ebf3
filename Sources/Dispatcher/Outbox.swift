/// The results a client has still to be sent, oldest first: references into the result log, so that a slow client costs 16
/// bytes a result and never holds anybody up.
struct Outbox {
  struct Entry: BitwiseCopyable {
    /// In the result log.
    let number: UInt64
    /// The journal's record that has to be durable before it may be told; 0 when none has to.
    var record: UInt64 = 0
    /// Of the transaction, for the account of what was lost; the newest one when the result has none.
    let transaction: UInt64
  }

  private var entries: [Entry] = []
  private var head = 0
  private let limit: Int
  /// Transactions lost because the client was too slow, not yet told to it.
  private(set) var lost: ClosedRange<UInt64>?
  /// The record of the front result that comes next.
  var nextRecord = 0

  /// - Parameter limit: entries kept; more than the result log holds make no sense.
  init(limit: Int) {
    self.limit = limit
  }

  var isEmpty: Bool {
    head == entries.count && lost == nil
  }

  var count: Int {
    entries.count - head
  }

  var front: Entry? {
    head < entries.count ? entries[head] : nil
  }

  mutating func append(_ entry: Entry) {
    if count == limit { loseFront() }
    entries.append(entry)
  }

  mutating func removeFront() {
    head += 1
    nextRecord = 0
    if head == entries.count {
      entries.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 1024, head * 2 > entries.count {
      entries.removeFirst(head)
      head = 0
    }
  }

  /// Notes results that were lost before they could be put in here: the client will be told.
  mutating func lose(transactions: ClosedRange<UInt64>) {
    lost =
      lost.map { min($0.lowerBound, transactions.lowerBound)...max($0.upperBound, transactions.upperBound) }
      ?? transactions
  }

  /// Gives the front result up: the client will be told.
  mutating func loseFront() {
    guard let entry = front else { return }
    let from = lost.map { min($0.lowerBound, entry.transaction) } ?? entry.transaction
    let to = lost.map { max($0.upperBound, entry.transaction) } ?? entry.transaction
    lost = from...to
    removeFront()
  }

  mutating func lossTold() {
    lost = nil
  }
}
