import EventCodec
import EventModel

/// How far a peer has come in the results that are for it, so that none is delivered twice after it attached again.
package struct ResultProgress: Sendable {
  /// Every result for this peer up to this transaction has been delivered, or was told to be lost.
  package private(set) var lastTransaction: UInt64
  /// Events without a transaction whose results came since.
  private var sinceThen: Set<EventID> = []
  private static let maximumRemembered = 65_536

  package init(_ lastTransaction: UInt64) {
    self.lastTransaction = lastTransaction
  }

  /// Notes a message.
  ///
  /// - Returns: false when it was delivered before.
  mutating func note(_ message: ResultMessage) -> Bool {
    switch message {
    case .result(let result):
      guard let transaction = result.transaction, !result.isRepeated else { return note(result.event.id) }
      return reach(transaction.number)
    case .refused(let id, reason: _, detail: _): return note(id)
    case .overrun(_, to: let newest, _):
      // Answers without a transaction that came before may belong behind it, and come again.
      lastTransaction = max(lastTransaction, newest)
      return true
    default: return true
    }
  }

  /// Takes back what is behind a transaction: a dispatcher that tells before the commit has lost it, and tells of the same
  /// events again, under new numbers.
  mutating func goBack(to transaction: UInt64) {
    guard transaction < lastTransaction else { return }
    lastTransaction = transaction
    sinceThen.removeAll(keepingCapacity: true)
  }

  private mutating func note(_ id: EventID) -> Bool {
    if sinceThen.count == Self.maximumRemembered { sinceThen.removeAll(keepingCapacity: true) }
    return sinceThen.insert(id).inserted
  }

  private mutating func reach(_ transaction: UInt64) -> Bool {
    guard transaction > lastTransaction else { return false }
    lastTransaction = transaction
    sinceThen.removeAll(keepingCapacity: true)
    return true
  }
}
