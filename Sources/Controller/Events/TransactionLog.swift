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
  /// Nil where a transaction has gone and none has taken its place yet.
  private var ring: [Transaction?] = []
  /// What the transaction at each place of the ring lists; 0 where there is none.
  private var sizes: [Int] = []
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
    guard let transaction = ring[index(of: position)] else {
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
    if count == capacity { dropOldest() }
    while count > 0, actionCount + size > actionCapacity {
      ring[oldest] = nil
      dropOldest()
    }
    actionCount += size
    if oldest + count == ring.count, ring.count < capacity {
      ring.append(transaction)
      sizes.append(size)
    } else {
      let place = index(of: count)
      ring[place] = transaction
      sizes[place] = size
    }
    count += 1
  }

  /// Counts the oldest no longer; whoever calls puts something else in its place.
  private mutating func dropOldest() {
    actionCount -= sizes[oldest]
    sizes[oldest] = 0
    oldest = oldest + 1 < ring.count ? oldest + 1 : 0
    count -= 1
  }

  private func index(of position: Int) -> Int {
    let index = oldest + position
    return index < ring.count ? index : index - ring.count
  }
}
