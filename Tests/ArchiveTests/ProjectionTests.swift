import Controller
import EventModel
import JournalTestSupport
import Platform
import SQLite
import SeededRandom
import Testing

@testable import Archive
@testable import Journal

@Suite struct ProjectionTests {
  /// Everything that happened can be read back as it was, and every entity is as it has become.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func whatIsArchivedIsWhatHappened(seed: UInt64) throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: seed)
    try journal.advance(steps: 1500)
    var configuration = test.configuration()
    configuration.batchRows = [1, 40, 700, 50_000][Int(seed) % 4]
    var archive = try test.open(configuration)
    try archive.catchUp()
    expect(archive.position == journal.position, "seed \(seed)")
    expect(archive.stateHash == journal.history.state.stateHash, "seed \(seed)")

    var history = try ArchiveHistory.open(test.database())
    var archived: [Transaction] = []
    var filter = ArchiveHistory.Filter()
    filter.pageRows = 100
    try history.forEach(filter) { archived.append($0.transaction) }
    let happened = journal.history.transactions
    #expect(archived.count == happened.count, "seed \(seed)")
    for (left, right) in zip(archived, happened) where left != right {
      Issue.record("seed \(seed): archived \(left), happened \(right)")
      break
    }
    filter.limit = 7
    filter.upTo = 900
    archived = []
    try history.forEach(filter) { archived.append($0.transaction) }
    #expect(archived == happened.filter { $0.number <= 900 }.suffix(7), "seed \(seed)")
    try checkEntities(journal.history.state, SQLiteConnection.open(test.database(), .readOnly), seed)
  }

  /// What was noted in the future counts as noted when the clock was set back, as in the state.
  @Test(arguments: 21...26 as ClosedRange<UInt64>)
  func timesAreThoseOfAClockThatWasSetBack(seed: UInt64) throws {
    let test = try TestArchive()
    var random = SeededGenerator(seed: seed)
    var journal = try SimulatedJournal.begin(in: test.folder, seed: seed)
    var configuration = test.configuration()
    configuration.batchRows = [1, 40, 50_000][Int(seed) % 3]
    for _ in 0..<6 {
      try journal.advance(steps: Int.random(in: 1...300, using: &random))
      journal.setClockBack(ms: Int64.random(in: 1...200_000, using: &random))
    }
    try journal.advance(steps: 100)
    var archive = try test.open(configuration)
    try archive.catchUp()
    expect(archive.stateHash == journal.history.state.stateHash)
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    #expect(
      try connection.lines(
        "SELECT id FROM (SELECT id, time_ms < lag(time_ms) OVER (ORDER BY id) AS falls FROM transactions) WHERE falls")
        == [])
    #expect(
      try connection.lines("SELECT count(*) FROM transactions") == ["\(journal.history.transactions.count)"])
    try checkEntities(journal.history.state, connection, seed)
  }

  private func checkEntities(
    _ state: borrowing ControllerState, _ connection: consuming SQLiteConnection, _ seed: UInt64
  ) throws {
    var workers: [String] = []
    var slot = 0
    while let worker = state.nextWorker(from: slot) {
      slot = Int(worker.handle.index) + 1
      workers.append("\(worker.handle.rawValue)|\(worker.name)|\(worker.address)|\(worker.metadata.capacity.milliCPU)")
    }
    #expect(
      try connection.lines("SELECT id, name, address, milli_cpu FROM workers WHERE lost_ms IS NULL")
        == workers.sorted(),
      "seed \(seed)")

    var jobs: [String] = []
    slot = 0
    while let job = state.nextJob(from: slot) {
      slot = Int(job.handle.index) + 1
      jobs.append(
        "\(job.handle.rawValue)|\(job.name)|\(job.state.name)|\(job.error ?? "")|\(job.taskCount)|"
          + "\(job.endedMs.map(String.init) ?? "")")
    }
    #expect(
      try connection.lines("SELECT id, name, state, error, tasks, ended_ms FROM jobs WHERE pruned_ms IS NULL")
        == jobs.sorted(), "seed \(seed)")

    var tasks: [String] = []
    var attempts: [String] = []
    slot = 0
    while let task = state.nextTask(from: slot) {
      slot = Int(task.handle.index) + 1
      tasks.append(
        "\(task.handle.rawValue)|\(task.job.rawValue)|\(task.name.index)|\(task.state.name)|\(task.error ?? "")|"
          + "\(task.exitCode.map(String.init) ?? "")|\(task.failures)|\(task.preemptions)|\(task.deliveries)|"
          + "\(task.attemptCount)|\(task.worker.map { "\($0.handle.rawValue)" } ?? "")")
      for attempt in task.attempts {
        attempts.append(
          "\(task.handle.rawValue)|\(attempt.number)|\(attempt.state.name)|\(attempt.worker.handle.rawValue)|"
            + "\(attempt.startedMs)|\(attempt.endedMs.map(String.init) ?? "")|"
            + "\(attempt.exitCode.map(String.init) ?? "")|\(attempt.endReason?.name ?? "")|\(attempt.error ?? "")")
      }
    }
    #expect(
      try connection.lines(
        """
        SELECT tasks.id, job, task_index, tasks.state, tasks.error, exit_code, failures, preemptions, deliveries, attempts,
          worker FROM tasks JOIN jobs ON jobs.id = job WHERE pruned_ms IS NULL
        """) == tasks.sorted(), "seed \(seed)")
    #expect(
      try connection.lines(
        """
        SELECT attempts.task, number, attempts.state, attempts.worker, started_ms, attempts.ended_ms, attempts.exit_code,
          attempts.end_reason, attempts.error FROM attempts JOIN tasks ON tasks.id = task JOIN jobs ON jobs.id = job WHERE pruned_ms IS NULL
        """) == attempts.sorted(), "seed \(seed)")
  }

  /// Ended at any time, in any way, it goes on as if nothing had been.
  @Test(arguments: 11...16 as ClosedRange<UInt64>)
  func anArchiveThatIsEndedGoesOnExactly(seed: UInt64) throws {
    let test = try TestArchive()
    var random = SeededGenerator(seed: seed)
    var journal = try SimulatedJournal.begin(in: test.folder, seed: seed)
    var lives = 0
    for _ in 0..<12 {
      try journal.advance(steps: Int.random(in: 1...120, using: &random))
      var configuration = test.configuration("killed")
      configuration.batchRows = Int.random(in: 1...60, using: &random)
      // Sometimes due at once.
      configuration.snapshotBytes = Int.random(in: 1...60_000, using: &random)
      let fuse = Fuse(after: Int.random(in: 0...8, using: &random))
      configuration.fileCalls.syncData = { (_) throws(SystemError) in try fuse.burn() }
      do {
        var archive = try test.open(configuration)
        lives += 1
        try archive.catchUp()
      } catch JournalError.system(let error) where error.code == Fuse.code {
        continue
      }
    }
    #expect(lives > 4, "seed \(seed)")
    var ended = try test.open("killed")
    try ended.catchUp()
    var whole = try test.open("whole")
    try whole.catchUp()
    expect(ended.position == whole.position && whole.position == journal.position, "seed \(seed)")
    #expect(try DatabaseDump(test.database("killed")) == DatabaseDump(test.database("whole")), "seed \(seed)")
  }
}
