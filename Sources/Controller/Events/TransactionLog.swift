import EventModel

/// The newest transactions, oldest first. A copy of it is a snapshot.
///
/// Bounded by their number and by what they list: a thousand cascades through whole fleets would fill the memory.
public struct TransactionLog: RandomAccessCollection, Sendable {
  public let capacity: Int
  /// Actions and processes to stop that the transactions here may list together; the newest transaction stays whatever
  /// it lists.
  public let actionCapacity: Int
  /// The number of the newest transaction ever made; 0 before the first. It counts on when old ones have gone.
  public private(set) var lastNumber: UInt64
  /// Actions and processes to stop that the transactions here list.
  public private(set) var actionCount = 0
  private struct Place {
    /// Nil where a transaction has gone and none has taken its place yet.
    var transaction: Transaction?
    /// What it lists; 0 where there is none.
    var size: Int
  }

  private var ring: [Place] = []
  private var oldest = 0
  public private(set) var count = 0

  init(capacity: Int, actionCapacity: Int, lastNumber: UInt64 = 0) {
    precondition(capacity >= 0, "the transaction log's capacity cannot be negative")
    self.capacity = capacity
    self.actionCapacity = actionCapacity
    self.lastNumber = lastNumber
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(position: Int) -> Transaction {
    precondition(position >= 0 && position < count, "no transaction at this position of the log")
    guard let transaction = ring[index(of: position)].transaction else {
      preconditionFailure("the log lost a transaction that it counts")
    }
    return transaction
  }

  /// The number of the oldest transaction still here; nil when there is none.
  public var firstNumber: UInt64? {
    count == 0 ? nil : lastNumber - UInt64(count - 1)
  }

  /// The transaction with this number; nil when it has gone or has not been made.
  public subscript(number number: UInt64) -> Transaction? {
    guard let firstNumber, number >= firstNumber, number <= lastNumber else { return nil }
    return self[Int(number - firstNumber)]
  }

  mutating func append(_ transaction: Transaction) {
    precondition(transaction.number == lastNumber + 1, "transactions are numbered without gaps")
    lastNumber = transaction.number
    guard capacity > 0 else { return }
    let size = transaction.actionCount + transaction.tasksToKill.count
    // In place of the oldest, as it is most of the time.
    if count == capacity { passOldest() }
    while count > 0, actionCount + size > actionCapacity {
      let place = oldest
      passOldest()
      ring[place] = Place(transaction: nil, size: 0)
    }
    actionCount += size
    let place = Place(transaction: transaction, size: size)
    if oldest + count == ring.count, ring.count < capacity {
      ring.append(place)
    } else {
      ring[index(of: count)] = place
    }
    count += 1
  }

  /// Counts the oldest no longer; whoever calls puts something else in its place.
  private mutating func passOldest() {
    actionCount -= ring[oldest].size
    oldest = oldest + 1 < ring.count ? oldest + 1 : 0
    count -= 1
  }

  private func index(of position: Int) -> Int {
    let index = oldest + position
    return index < ring.count ? index : index - ring.count
  }
}
