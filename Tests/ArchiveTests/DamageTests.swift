import Archive
import CRingmaster
import Controller
import EventModel
import JournalTestSupport
import Platform
import SQLite
import Testing

@testable import Journal

@Suite struct DamageTests {
  /// A journal of some segments, and its commits.
  private static func sample(
    _ test: TestArchive, seed: UInt64
  ) throws -> (commits: [JournalCommit], transactions: [Transaction]) {
    var journal = try SimulatedJournal.begin(in: test.folder, seed: seed, segmentBytes: 160 << 10)
    try journal.advance(steps: 900)
    var reader = try JournalReader.open(folder: test.folder, mode: .recover)
    var commits: [JournalCommit] = []
    _ = try reader.findEnd { commits.append($0) }
    return (commits, journal.history.transactions)
  }

  private static func damage(_ commit: JournalCommit) throws {
    var bytes = try readFile(commit.file)
    bytes[Int(commit.offset) + 200] ^= 0x55
    try writeFile(commit.file, bytes)
  }

  @Test(arguments: [0.0, 0.3, 0.6]) func damageIsNamedAndWhatStandsBeforeItIsArchived(place: Double) throws {
    let test = try TestArchive()
    let (commits, _) = try Self.sample(test, seed: 41)
    let damaged = commits[Int(Double(commits.count) * place)]
    try Self.damage(damaged)
    var archive = try test.open()
    do {
      try archive.catchUp()
      Issue.record("damage was taken for the end")
    } catch JournalError.damaged(let found) {
      #expect(found.file == damaged.file && found.offset == damaged.offset)
    }
    expect(archive.position.commit == damaged.number - 1)
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    let reached = damaged.number == 1 ? nil : Int64(damaged.number - 1)
    #expect(try connection.integer("SELECT commit_number FROM archive") == reached)
  }

  /// A follower whom nobody asks notices by itself.
  @Test func aFollowerNoticesDamageAfterAWhile() throws {
    let test = try TestArchive()
    let (commits, _) = try Self.sample(test, seed: 42)
    try Self.damage(commits[commits.count / 2])
    var archive = try test.open()
    let deadlineNs = Clock.monotonicNs() + 60_000_000_000
    var found = false
    while !found, Clock.monotonicNs() < deadlineNs {
      do { _ = try archive.turn() } catch JournalError.damaged { found = true }
    }
    #expect(found)
  }

  /// A record that no decoder takes is damage like any other, also behind commits that were just read.
  @Test(arguments: [false, true]) func whatDoesNotDecodeIsDamage(salvages: Bool) throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 48)
    try journal.advance(steps: 100)
    let before = journal.position
    let census = ZoneCensus(zone: "z0", silentWorkers: 5, workers: 2)
    let event = Event.brakeEngaged(census, timestampMs: 1).stamped(
      id: EventID(peer: 0, position: 1 << 20), timestampMs: 1)
    try journal.commit([.event(JournaledEvent(event, slots: 0, wantsResult: false))])
    try journal.advance(steps: 100)
    var configuration = test.configuration()
    configuration.salvages = salvages
    var archive = try test.open(configuration)
    if salvages {
      try archive.catchUp()
      expect(archive.position == journal.position && archive.counters.losses == 1)
      return
    }
    for _ in 0..<3 {
      do {
        try archive.catchUp()
        Issue.record("it was taken over, or forgotten")
      } catch JournalError.damaged {}
      expect(archive.position == before)
    }
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    #expect(try connection.integer("SELECT commit_number FROM archive") == Int64(before.commit))
  }

  /// As the dispatcher that salvages goes on, so does the archive, and says what is missing.
  @Test(arguments: 43...46 as ClosedRange<UInt64>) func aSalvageGoesOnBehindTheDamage(seed: UInt64) throws {
    let test = try TestArchive()
    let (commits, transactions) = try Self.sample(test, seed: seed)
    let damaged = commits[commits.count / 2]
    try Self.damage(damaged)
    let recovery = try JournalRecovery.run(
      folder: test.folder, configuration: ControllerConfiguration(), salvages: true)
    var configuration = test.configuration()
    configuration.salvages = true
    do {
      var archive = try test.open(configuration)
      try archive.catchUp()
      expect(archive.position.commit == commits[commits.count - 1].number, "seed \(seed)")
      expect(archive.stateHash == recovery.replica.state.stateHash, "seed \(seed)")
      expect(archive.counters.losses == 1 && archive.counters.snapshots == 1, "seed \(seed)")
    }
    let before = commits[Int(damaged.number) - 2].lastTransaction
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    #expect(
      try connection.lines(
        "SELECT first_commit, last_commit, first_record, last_record, first_transaction, last_transaction FROM losses")
        == [
          "\(damaged.number)|\(damaged.number)|\(damaged.firstRecord)|\(damaged.lastRecord)|"
            + "\(before + 1)|\(damaged.lastTransaction)"
        ], "seed \(seed)")
    var kept = Set(transactions.map(\.number))
    if before < damaged.lastTransaction { kept.subtract((before + 1)...damaged.lastTransaction) }
    #expect(
      try connection.lines("SELECT number FROM transactions") == kept.map { "\($0)" }.sorted(), "seed \(seed)")
    // It goes on with the snapshot behind the damage, and needs no salvage any more.
    var plain = try test.open()
    try plain.catchUp()
    expect(plain.position.commit == commits[commits.count - 1].number, "seed \(seed)")
  }

  /// A snapshot behind the damage has the true state, which a replay with a hole in it has not.
  @Test func aSalvageGoesOnFromASnapshotBehindTheDamage() throws {
    let test = try TestArchive()
    var ahead = test.configuration("ahead")
    ahead.snapshotBytes = 1
    let (commits, _) = try Self.sample(test, seed: 47)
    var hash: UInt64 = 0
    do {
      var archive = try test.open(ahead)
      try archive.catchUp()
      expect(archive.counters.snapshots == 1)
      hash = archive.stateHash
    }
    try Self.damage(commits[commits.count / 2])
    var configuration = test.configuration()
    configuration.salvages = true
    var archive = try test.open(configuration)
    try archive.catchUp()
    expect(archive.stateHash == hash)
    func alive(_ name: String) throws -> [String] {
      try SQLiteConnection.open(test.database(name), .readOnly).lines(
        """
        SELECT tasks.id, tasks.state, tasks.worker FROM tasks JOIN jobs ON jobs.id = job WHERE pruned_ms IS NULL
        UNION ALL SELECT id, name, NULL FROM workers WHERE lost_ms IS NULL
        """)
    }
    #expect(try alive("archive") == alive("ahead"))
  }

  /// The dispatcher has gone past the damage, and the archive goes on with what it does then.
  @Test(arguments: [true, false]) func whatTheDispatcherSalvagedIsGonePast(isFollowing: Bool) throws {
    let test = try TestArchive()
    let (commits, _) = try Self.sample(test, seed: 48)
    let damaged = commits[commits.count / 2]
    try Self.damage(damaged)
    if isFollowing { #expect(try Self.upToDamage(test) == damaged.number - 1) }
    let (end, hash) = try Self.salvage(test)
    var next = try test.open()
    try next.catchUp()
    expect(next.position == end && next.stateHash == hash)
    expect(next.counters.losses == 1)
  }

  /// - Returns: how far it came.
  private static func upToDamage(_ test: TestArchive) throws -> UInt64 {
    var archive = try test.open()
    do { try archive.catchUp() } catch JournalError.damaged {}
    return archive.position.commit
  }

  /// As a dispatcher that salvages begins.
  private static func salvage(_ test: TestArchive) throws -> (end: JournalPosition, hash: UInt64) {
    let calls = SimulatedJournal.withoutSyncs()
    let lock = try JournalLock.take(folder: test.folder, calls: calls)
    let recovery = try JournalRecovery.run(
      folder: test.folder, configuration: ControllerConfiguration(), salvages: true, calls: calls)
    var writer = try JournalWriter.open(lock, at: recovery.end)
    var appender = writer.appender()
    var committer = writer.committer()
    let hash = recovery.replica.state.stateHash
    appender.seal(
      stateHash: hash, lastTransaction: recovery.replica.state.transactionLog.lastNumber, timeMs: 0)
    expect(committer.turn() == .committed)
    _ = try SnapshotStore.write(
      recovery.replica.snapshot(journal: writer.journal, createdMs: 0), folder: test.folder, calls: calls)
    return (committer.position, hash)
  }

  /// What stands before it is taken over; it used to be forgotten behind a batch that was not empty.
  @Test func aRecordThatDoesNotDecodeIsDamage() throws {
    let test = try TestArchive()
    let (commits, _) = try Self.sample(test, seed: 49)
    let damaged = commits[commits.count / 2]
    var bytes = try readFile(damaged.file)
    bytes[Int(damaged.offset) + 128 + 4] = 99
    sealCommit(&bytes, at: Int(damaged.offset))
    try writeFile(damaged.file, bytes)
    var archive = try test.open()
    do {
      try archive.catchUp()
      Issue.record("it was read")
    } catch JournalError.damaged(let found) {
      #expect(found.file == damaged.file && found.offset == damaged.offset + 128)
    }
    expect(archive.position.commit == damaged.number - 1)
  }

  /// Gives the commit at `offset` checksums that agree with what it holds.
  private func sealCommit(_ file: inout [UInt8], at offset: Int) {
    file.withUnsafeMutableBytes { bytes in
      var header = bytes.load(fromByteOffset: offset, as: rm_journal_commit_header.self)
      header.body_crc = rm_crc32c(0, bytes.baseAddress! + offset + 128, Int(header.body_bytes))
      header.header_crc = withUnsafeBytes(of: header) { rm_crc32c(0, $0.baseAddress, 124) }
      bytes.storeBytes(of: header, toByteOffset: offset, as: rm_journal_commit_header.self)
    }
  }
}
