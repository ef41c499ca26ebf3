import Controller
import EventModel
import JournalTestSupport
import Platform
import SQLite
import Testing

@testable import Archive
@testable import Journal

/// A journal comes back to what was archived before the newest branch: nothing is taken over twice.
@Suite struct ReturnTests {
  private func query(_ test: TestArchive, _ sql: String) throws -> [String] {
    try SQLiteConnection.open(test.database(), .readOnly).lines(sql)
  }

  private func catchUp(_ test: TestArchive, _ change: (inout ArchiveConfiguration) -> Void = { _ in }) throws {
    var configuration = test.configuration()
    change(&configuration)
    var archive = try test.open(configuration)
    try archive.catchUp()
  }

  /// What is not superseded, of a journal.
  private func present(_ test: TestArchive, of journal: String) throws -> [Transaction] {
    var history = try ArchiveHistory.open(test.database())
    var entries: [ArchiveHistory.Entry] = []
    try history.forEach(ArchiveHistory.Filter()) { entries.append($0) }
    return entries.filter { $0.epoch.journal == journal && !$0.isSuperseded }.map(\.transaction)
  }

  private func journal(_ test: TestArchive) throws -> String {
    try #require(try JournalReader.open(folder: test.folder, mode: .recover).journal).description
  }

  /// With snapshots to begin with, and without.
  @Test(arguments: [1 << 40, 1], [171, 172] as [UInt64])
  func aCopyIsRestoredAgainAndAgain(snapshotBytes: Int, seed: UInt64) throws {
    let test = try TestArchive()
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: seed)
      try journal.advance(steps: 100)
    }
    do {
      var journal = try SimulatedJournal.resume(in: test.folder, seed: seed + 10)
      try journal.advance(steps: 200)
    }
    try catchUp(test) { $0.snapshotBytes = snapshotBytes }
    let copy = try EpochTests.Copy(test.folder)
    for round in 1...3 as ClosedRange<UInt64> {
      for part in 0...1 as ClosedRange<UInt64> {
        var journal = try SimulatedJournal.resume(in: test.folder, seed: seed + round * 100 + part)
        try journal.advance(steps: Int(150 - part * 50))
        try catchUp(test) { $0.snapshotBytes = snapshotBytes }
        let expected = journal.history.transactions
        let present = try present(test, of: try self.journal(test))
        #expect(present.suffix(expected.count) == expected[...], "seed \(seed), round \(round)")
        #expect(present.map(\.number) == Array(1...journal.position.lastTransaction), "seed \(seed), round \(round)")
        if part == 0 { try copy.restore(test.folder) }
      }
      let newer = try EpochTests.Copy(test.folder)
      try copy.restore(test.folder)
      try catchUp(test) { $0.snapshotBytes = snapshotBytes }
      // And back to what was superseded meanwhile.
      if round == 2 { try newer.restore(test.folder) }
    }
  }

  @Test(arguments: [1 << 40, 1]) func journalsAreAdoptedInTurn(snapshotBytes: Int) throws {
    let test = try TestArchive()
    let other = try TestArchive()
    var first = try SimulatedJournal.begin(in: test.folder, seed: 181)
    var second = try SimulatedJournal.begin(in: other.folder, seed: 182)
    for _ in 0..<3 {
      try first.advance(steps: 150)
      try catchUp(test) {
        $0.adopts = true
        $0.snapshotBytes = snapshotBytes
      }
      try second.advance(steps: 120)
      try catchUp(test) {
        $0.adopts = true
        $0.journalFolder = other.folder
        $0.snapshotBytes = snapshotBytes
      }
    }
    #expect(try present(test, of: try journal(test)) == first.history.transactions)
    #expect(try present(test, of: try journal(other)) == second.history.transactions)
    #expect(try query(test, "SELECT count(*) FROM epochs WHERE superseded_after IS NOT NULL") == ["0"])
    #expect(try query(test, "SELECT * FROM losses") == [])
    #expect(
      try query(test, "SELECT count(*) FROM workers WHERE lost_ms IS NULL") == [
        "\(second.history.state.totals.workers)"
      ])
  }

  /// Another journal came between, and this one lost its end meanwhile.
  @Test func anAdoptedJournalThatLostItsEnd() throws {
    let test = try TestArchive()
    let other = try TestArchive()
    var copy: EpochTests.Copy?
    var common: UInt64 = 0
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 183)
      try journal.advance(steps: 150)
      common = journal.position.lastTransaction
      copy = try EpochTests.Copy(test.folder)
      try journal.advance(steps: 150)
    }
    try catchUp(test)
    var second = try SimulatedJournal.begin(in: other.folder, seed: 184)
    try second.advance(steps: 100)
    try catchUp(test) {
      $0.adopts = true
      $0.journalFolder = other.folder
    }
    try copy?.restore(test.folder)
    var journal = try SimulatedJournal.resume(in: test.folder, seed: 185)
    try journal.advance(steps: 100)
    try catchUp(test) { $0.adopts = true }
    #expect(try present(test, of: try self.journal(test)).map(\.number) == Array(1...journal.position.lastTransaction))
    #expect(try present(test, of: try self.journal(other)) == second.history.transactions)
    #expect(
      try query(test, "SELECT DISTINCT superseded_after FROM epochs WHERE superseded_after IS NOT NULL") == [
        "\(common)"
      ])
  }

  /// What retention removed is no other history.
  @Test(arguments: [191, 192] as [UInt64]) func whatWasRemovedIsNotTakenOverAgain(seed: UInt64) throws {
    let test = try TestArchive()
    var copy: EpochTests.Copy?
    var common: UInt64 = 0
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: seed)
      try journal.advance(steps: 300)
    }
    do {
      var journal = try SimulatedJournal.resume(in: test.folder, seed: seed + 10)
      try journal.advance(steps: 300)
      copy = try EpochTests.Copy(test.folder)
      common = journal.position.lastTransaction
      try journal.advance(steps: 300)
    }
    try catchUp(test)
    for oldest in ["\(common / 2)", "(SELECT max(id) - 20 FROM transactions)"] {
      try SQLiteConnection.open(test.database(), .readWrite)
        .execute("DELETE FROM stored_transactions WHERE id < \(oldest)")
      let first = try query(test, "SELECT min(number) FROM transactions").compactMap { UInt64($0) }[0]
      try copy?.restore(test.folder)
      var journal = try SimulatedJournal.resume(in: test.folder, seed: seed + 100 + first)
      try journal.advance(steps: 200)
      try catchUp(test)
      #expect(
        try query(test, "SELECT first_transaction FROM epochs WHERE cause = 'lost_tail' ORDER BY id DESC LIMIT 1")
          == ["\(common + 1)"], "seed \(seed)")
      let present = try query(
        test,
        "SELECT transaction_number FROM events WHERE NOT superseded AND transaction_number > 0 ORDER BY transaction_number"
      )
      #expect(
        present == (min(first, common + 1)...journal.position.lastTransaction).map { "\($0)" }, "seed \(seed)")
    }
  }
}
