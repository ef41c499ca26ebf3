import Controller
import EventModel
import SQLite
import SeededRandom
import Testing

@testable import Archive
@testable import Journal

/// Which transactions tell of what: in lists, however many they are and whatever comes together.
@Suite struct ListTests {
  /// A controller and its archive, without a journal between.
  private struct Bench: ~Copyable {
    private var state: ControllerState
    private var database: ArchiveDatabase
    private var batch = ProjectionBatch(in: .first(journal: "j"))
    private var position: UInt64 = 0

    init(_ path: String) throws {
      var configuration = ControllerConfiguration()
      configuration.heartbeatFailureThreshold = .max
      state = ControllerState(configuration: configuration)
      database = try ArchiveDatabase.open(path)
      batch.begin(batch.epoch)
    }

    mutating func handle(_ body: Event) throws {
      position += 1
      let event = body.stamped(id: EventID(peer: 1, position: position), timestampMs: Int64(position))
      let record = JournalRecord.event(JournaledEvent(event, slots: 1, wantsResult: false))
      batch.prepare(for: record, state)
      let transaction = state.handle(event)
      batch.add(
        JournalReplica.Step(
          number: position, record: record, transaction: transaction, lastTransaction: position, epoch: 0))
    }

    mutating func write() throws {
      batch.finish(state)
      try database.write(batch, ArchiveMark(journal: "j", position: .start, stateHash: 0))
      batch.removeAll()
    }
  }

  /// So many transactions tell of a task, of its job and of a worker that their lists do not fit into one row.
  @Test(arguments: [20, 1500]) func theyAreFoundWhateverTheirNumber(inOneBatch most: Int) throws {
    let test = try TestArchive()
    var bench = try Bench(test.database())
    var random = SeededGenerator(seed: UInt64(most))
    try bench.handle(.workerRegistered("w", address: "", metadata: WorkerMetadata()))
    for job in ["a", "b"] { try bench.handle(.jobSubmitted(job, request: JobRequest())) }
    try bench.write()
    var expected: [String: [UInt64]] = ["w": [1], "a": [2], "b": [3]]
    var number: UInt64 = 3
    while number < 4000 {
      for _ in 0..<Int.random(in: 1...most, using: &random) {
        number += 1
        let name = ["w", "a", "b", "b"][Int.random(in: 0..<4, using: &random)]
        expected[name, default: []].append(number)
        try bench.handle(
          name == "w"
            ? .workerHeartbeatFailed("w")
            : .taskStateChanged(.name("\(name)/task-0"), attempt: 9, state: .running))
      }
      try bench.write()
    }
    var history = try ArchiveHistory.open(test.database())
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    let entities: [(String, EntityReference, String)] = [
      ("w", .worker("w"), "SELECT transaction_id FROM worker_transactions WHERE worker = \(1 << 32)"),
      ("a", .job("a"), "SELECT transaction_id FROM job_transactions WHERE job = \(1 << 32)"),
      ("b", .task("b/task-0"), "SELECT transaction_id FROM task_transactions WHERE task = \(1 << 32 + 1)"),
    ]
    for (name, entity, sql) in entities {
      let all = expected[name] ?? []
      #expect(try connection.lines(sql) == all.map { "\($0)" }.sorted(), "\(name)")
      for _ in 0..<20 {
        var filter = ArchiveHistory.Filter()
        filter.entity = entity
        filter.pageRows = Int.random(in: 1...300, using: &random)
        filter.after = UInt64.random(in: 0...number, using: &random)
        filter.upTo = UInt64.random(in: filter.after...number, using: &random)
        let wanted = all.filter { $0 > filter.after && $0 <= filter.upTo ?? 0 }
        var found: [UInt64] = []
        try history.forEach(filter) { found.append($0.transaction.number) }
        #expect(found == wanted, "\(name)")
        filter.limit = Int.random(in: 1...50, using: &random)
        found = []
        try history.forEach(filter) { found.append($0.transaction.number) }
        #expect(found == wanted.suffix(filter.limit ?? 0), "\(name)")
      }
    }
    #expect(try connection.integer("SELECT max(length(back)) FROM stored_tasks") ?? 0 < 1000 || most == 1500)
  }
}
