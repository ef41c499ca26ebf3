import Archive
import Controller
import JournalTestSupport
import Platform
import SQLite
import SeededRandom
import Testing

@testable import Journal

@Suite struct SnapshotTests {
  @Test func aRecoveryBeginsWithTheArchivesSnapshot() throws {
    let test = try TestArchive()
    var configuration = test.configuration()
    configuration.snapshotBytes = 1
    var written: UInt64 = 0
    var hash: UInt64 = 0
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 21)
      var archive = try test.open(configuration)
      try journal.advance(steps: 300)
      try archive.catchUp()
      written = archive.position.commit
      expect(archive.counters.snapshots == 1)
      try journal.advance(steps: 40)
      hash = journal.history.state.stateHash
    }
    let recovery = try JournalRecovery.run(folder: test.folder, configuration: ControllerConfiguration())
    expect(recovery.snapshotCommit == written && recovery.damagedSnapshots.isEmpty)
    expect(recovery.replica.state.stateHash == hash)
  }

  /// Due by bytes or by age, and never twice of one state.
  @Test func snapshotsAreWrittenWhenTheyAreDue() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 22)
    try journal.advance(steps: 100)
    var configuration = test.configuration()
    configuration.snapshotBytes = 1 << 30
    var archive = try test.open(configuration)
    try archive.catchUp()
    try archive.catchUp()
    expect(archive.counters.snapshots == 0)
    configuration.snapshotIntervalMs = 0
    _ = consume archive
    archive = try test.open(configuration)
    try archive.catchUp()
    try archive.catchUp()
    expect(archive.counters.snapshots == 1)
    try journal.advance(steps: 20)
    try archive.catchUp()
    expect(archive.counters.snapshots == 2)
  }

  /// What is written for snapshots is at most about what is written for the journal.
  @Test func snapshotsOfALargeStateAreSeldom() throws {
    let test = try TestArchive()
    var configuration = test.configuration()
    configuration.snapshotBytes = 1
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 25)
    var archive = try test.open(configuration)
    let rounds: UInt64 = 200
    for _ in 0..<rounds {
      try journal.advance(steps: 5)
      try archive.catchUp()
    }
    expect(archive.counters.snapshots >= 2 && archive.counters.snapshots < rounds / 4)
  }

  /// A dispatcher that begins with a snapshot makes the results of the transactions behind it again: there have to be some.
  @Test func aSnapshotIsWrittenOnceEnoughCameBehindIt() throws {
    let test = try TestArchive()
    var configuration = test.configuration()
    configuration.snapshotBytes = 1
    configuration.snapshotDelay = 100
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 23)
    try journal.advance(steps: 50)
    var archive = try test.open(configuration)
    try archive.catchUp()
    let taken = archive.position
    expect(archive.counters.snapshots == 0)
    while archive.position.lastTransaction < taken.lastTransaction + 100 {
      expect(archive.counters.snapshots == 0)
      try journal.advance(steps: 10)
      try archive.catchUp()
    }
    expect(archive.counters.snapshots == 1)
    #expect(try SnapshotStore.commits(folder: test.folder) == [taken.commit])
  }

  /// Whatever goes of the journal, the archive itself and a recovery have what they need, and nothing is missing.
  @Test(arguments: 31...34 as ClosedRange<UInt64>)
  func nothingGoesThatIsStillNeeded(seed: UInt64) throws {
    let test = try TestArchive()
    var random = SeededGenerator(seed: seed)
    var journal = try SimulatedJournal.begin(in: test.folder, seed: seed, segmentBytes: 80 << 10)
    var control = try test.open("control")
    var removed: UInt64 = 0
    for round in 0..<10 {
      try journal.advance(steps: Int.random(in: 1...500, using: &random))
      // Keeps up, so that it never needs what goes.
      try control.catchUp()
      var configuration = test.configuration("pruning")
      configuration.snapshotBytes = Int.random(in: 1...40_000, using: &random)
      configuration.batchRows = Int.random(in: 1...400, using: &random)
      configuration.retention = JournalRetention(keepMs: 0, keepBytes: 0)
      let fuse = Fuse(after: round < 9 ? Int.random(in: 0...12, using: &random) : .max)
      configuration.fileCalls.syncData = { (_) throws(SystemError) in try fuse.burn() }
      do {
        var archive = try test.open(configuration)
        defer { removed += archive.counters.removedSegments }
        try archive.catchUp()
      } catch JournalError.system(let error) where error.code == Fuse.code {}
      let recovery = try JournalRecovery.run(folder: test.folder, configuration: ControllerConfiguration())
      expect(recovery.replica.state.stateHash == journal.history.state.stateHash, "seed \(seed)")
    }
    #expect(removed > 0, "seed \(seed)")
    #expect(try DatabaseDump(test.database("pruning")) == DatabaseDump(test.database("control")), "seed \(seed)")
  }
}
