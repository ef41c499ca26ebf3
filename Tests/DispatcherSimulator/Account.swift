import EventModel

/// What was seen of the transactions, and what was told of them: which cannot differ.
struct Account {
  /// The newest one looked at.
  var lastSeen: UInt64 = 0
  /// Of those that are there now, where their events came from.
  var origins: [UInt64: EventID] = [:]
  /// Of those that were told durable.
  var told: [Name: EventID] = [:]
  var lastTold: UInt64 = 0
  /// The journal was replaced by an older state of itself.
  var isRestored = false
  /// The first task of each shape that was placed last: jobs in the order of their submission.
  var lastStarted: [Shape: Started] = [:]
  var submissions: [String: Submission] = [:]
  var transactions: UInt64 = 0
  /// Attempts that somebody ended by a request, which no budget pays for.
  var preemptions: [TaskHandle: UInt32] = [:]

  /// A transaction's number is given once in an epoch.
  struct Name: Hashable {
    let epoch: UInt64
    let number: UInt64
  }

  struct Started {
    let job: UInt64
    let index: Int32
  }

  /// What the queue tells jobs apart by.
  struct Shape: Hashable {
    let resources: Resources
    let constraints: Constraints
    let priority: Int32
  }

  struct Submission {
    let number: UInt64
    let shape: Shape
    let isOrdered: Bool
    let isGang: Bool
    /// Attempts that a task's budgets pay for.
    let maximumAttempts: UInt32
  }

  /// A dispatcher has recovered up to a transaction: what was seen behind it has never been.
  mutating func goBack(to transaction: UInt64, isSync: Bool) {
    if lastSeen > transaction { for number in (transaction + 1)...lastSeen { origins[number] = nil } }
    lastSeen = transaction
    lastStarted = [:]
    if !isSync { forgetTold(after: transaction) }
  }

  /// A salvage has lost what it has said that it lost.
  mutating func forgetTold() {
    lastTold = 0
  }

  private mutating func forgetTold(after transaction: UInt64) {
    lastTold = min(lastTold, transaction)
  }
}
