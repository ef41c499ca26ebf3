import Controller
import EventModel
import Testing

@testable import Journal

/// A simulated history in a journal, and what came of it.
final class Recording {
  let journal: TestJournal
  var hash: UInt64 = 0
  var saved = SavedState()
  var ledger = PeerLedger()
  var transactions: [Transaction] = []
  var unrecordedHeartbeats = 0
  /// The state after each turn, by its last transaction.
  var hashes: [UInt64: UInt64] = [:]

  /// - Parameter isFine: small segments, and a commit for every turn.
  init(seed: UInt64, steps: Int, isFine: Bool = false) throws {
    journal = try TestJournal(queuePages: isFine ? 8 : 32)
    var history = RecordedHistory(seed: seed)
    var writer = try journal.open(calls: FaultyDisk().calls(syncs: false))
    var appender = writer.appender()
    var committer = writer.committer()
    var records = history.begin()
    for step in 0..<steps {
      records += history.step()
      if step % 3 == 0 {
        let last = history.state.transactionLog.lastNumber
        try appender.turn(records, stateHash: history.state.stateHash, lastTransaction: last)
        hashes[last] = history.state.stateHash
        records = []
      }
      if step % (isFine ? 3 : 30) == 0 { _ = committer.turn() }
    }
    try appender.turn(
      records, stateHash: history.state.stateHash, lastTransaction: history.state.transactionLog.lastNumber)
    _ = committer.turn()
    expect(appender.durable == appender.lastRecord)
    hash = history.state.stateHash
    saved = history.state.save()
    ledger = history.ledger
    transactions = history.transactions
    unrecordedHeartbeats = history.unrecordedHeartbeats
  }
}
