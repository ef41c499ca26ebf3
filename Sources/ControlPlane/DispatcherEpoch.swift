import EventRing
import Journal

/// The time from one start of a dispatcher to the next. Transactions are named by epoch and number, and rings belong to the
/// epoch in which their peer attached.
package struct DispatcherEpoch: Sendable {
  /// An epoch before this one.
  package struct Past: Sendable, Hashable {
    package let number: UInt64
    /// The newest transaction that the journal has of it, or has from before it.
    package let lastTransaction: UInt64
  }

  /// Higher than those of all epochs before.
  package let number: UInt64
  /// The journal's id; zero without one.
  package let journal: SIMD2<UInt64>
  /// The id of the cluster: the journal's, or without one a number of this dispatcher alone.
  package var cluster: SIMD2<UInt64> { journal == .zero ? [number, 0] : journal }
  /// The newest ones before, rising.
  package let past: [Past]

  package init(number: UInt64, journal: SIMD2<UInt64>, past: [Past]) {
    self.number = number
    self.journal = journal
    self.past = past
  }

  /// That of a start behind all that a ledger tells of.
  package init(_ start: JournaledStart, after ledger: PeerLedger, _ lastTransaction: UInt64, _ journal: JournalID) {
    let lastOnes = ledger.epochs.dropFirst().map(\.after) + [lastTransaction]
    self.init(
      number: start.epoch, journal: journal.words,
      past: zip(ledger.epochs, lastOnes).map { Past(number: $0.number, lastTransaction: $1) })
  }

  /// In which a transaction was made.
  package func number(of transaction: UInt64) -> UInt64 {
    past.first { transaction <= $0.lastTransaction }?.number ?? number
  }

  /// What somebody knows who was there in an earlier epoch, compared with what the journal knows of it.
  package enum Knowledge: Equatable {
    case known
    /// The journal has lost what came behind this transaction.
    case lostTail(behind: UInt64)
    /// Another dispatcher wrote to the journal since, or to that which this one is a copy of.
    case otherHistory
  }

  package func compare(_ transaction: UInt64, in epoch: UInt64) -> Knowledge {
    let last = past.last?.number ?? 0
    guard epoch <= last else { return .otherHistory }
    guard let known = past.last(where: { $0.number == epoch }) else {
      // One before all that are remembered cannot be told.
      return epoch < (past.first?.number ?? 0) ? .known : .otherHistory
    }
    return transaction > known.lastTransaction ? .lostTail(behind: known.lastTransaction) : .known
  }

  /// Is it within reason what somebody says to know? Nobody can know of an epoch behind this one, and no disk loses more
  /// than so many transactions unnoticed.
  package func isWithinReason(_ transaction: UInt64, in epoch: UInt64) -> Bool {
    switch compare(transaction, in: epoch) {
    case .known: true
    case .lostTail(let behind): Self.isWithinReason(transaction, behind: behind)
    case .otherHistory: epoch < number
    }
  }

  package static func isWithinReason(_ transaction: UInt64, behind: UInt64) -> Bool {
    transaction &- behind < 1 << 32
  }

  /// The newest transaction that somebody who was there in an earlier epoch can know and the journal has. The journal need
  /// not know that epoch: its beginning may be lost. For an epoch before all that are remembered it is the newest of all.
  package func newestShared(with epoch: UInt64) -> UInt64 {
    (past.last { $0.number <= epoch } ?? past.last)?.lastTransaction ?? 0
  }

  /// Where somebody is to go on who had all results up to `transaction` in `epoch`.
  package func resumption(after transaction: UInt64, in epoch: UInt64) -> UInt64 {
    min(transaction, newestShared(with: epoch))
  }
}
