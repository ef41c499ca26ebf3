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
    for (wallMs, random) in [(-5, 0), (-5, .max), (9_000_000, 3)] as [(Int64, UInt64)] {
      let next = JournaledStart(after: ledger, wallMs: wallMs, random: random)
      #expect(next.epoch > 50 && next.epoch < 1 << 53 && next.peerNumbersUpTo == 3072)
    }
    let copies = Set((0..<4096 as Range<UInt64>).map { JournaledStart(after: ledger, wallMs: 5, random: $0).epoch })
    #expect(copies.count == 4096, "two copies begin epochs of their own")
  }

  /// Four thousand million numbers may come to an end; they do not begin again.
  @Test func theLastNumberOfAPeerIsTheLast() {
    var ledger = PeerLedger()
    ledger.apply(.peerNumbers(upTo: .max - 3), lastTransaction: 0)
    #expect(JournaledStart(after: ledger, wallMs: 9, random: 0).peerNumbersUpTo == .max)
  }
}
