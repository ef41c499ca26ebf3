/// Values as transactions set them, which can be taken back from the last one on.
struct History<Key: Hashable, Value> {
  private struct Change {
    let transaction: UInt64
    let key: Key
    let before: Value?
  }

  private(set) var current: [Key: Value] = [:]
  private var changes: [Change] = []

  mutating func set(_ key: Key, to value: Value?, by transaction: UInt64) {
    changes.append(Change(transaction: transaction, key: key, before: current[key]))
    current[key] = value
  }

  /// What was set behind a transaction has never been.
  mutating func goBack(to transaction: UInt64) {
    while let last = changes.last, last.transaction > transaction {
      current[last.key] = last.before
      changes.removeLast()
    }
  }
}
