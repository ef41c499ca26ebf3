import Journal
import Testing

@Suite struct PeerLedgerTests {
  @Test func epochsAndNumbersOfPeersOnlyRise() {
    var ledger = PeerLedger()
    let records: [JournalRecord] = [
      .started(JournaledStart(epoch: 50, peerNumbersUpTo: 1024)), .peerNumbers(upTo: 2048), .peerNumbers(upTo: 7),
      .started(JournaledStart(epoch: 40, peerNumbersUpTo: 3)),
    ]
    for record in records { ledger.apply(record, lastTransaction: 0) }
    #expect(ledger.epoch == 50 && ledger.lastPeerID == 2048)
    let next = JournaledStart(after: ledger, wallMs: -5)
    #expect(next == JournaledStart(epoch: 51, peerNumbersUpTo: 3072))
  }

  /// Four thousand million numbers may come to an end; they do not begin again.
  @Test func theLastNumberOfAPeerIsTheLast() {
    var ledger = PeerLedger()
    ledger.apply(.peerNumbers(upTo: .max - 3), lastTransaction: 0)
    #expect(JournaledStart(after: ledger, wallMs: 9) == JournaledStart(epoch: 9, peerNumbersUpTo: .max))
  }
}
