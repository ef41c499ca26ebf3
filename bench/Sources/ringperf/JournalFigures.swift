import EventJSON
import Terminal

/// What `ringperf journal` measures.
struct JournalFigures {
  struct Throughput {
    let clients: Int
    let batch: Int
    let perSecond: [Double]
  }

  private(set) var durable = LatencyRounds()
  private(set) var sync = LatencyRounds()
  private(set) var sqlite = LatencyRounds()
  private(set) var throughput: [Throughput] = []
  private(set) var sqliteThroughput: [(batch: Int, perSecond: [Double])] = []
  private(set) var heartbeats: [Double] = []
  private(set) var heartbeatsWithout: [Double] = []
  /// Events that the archive takes over a second.
  private(set) var archive: [Double] = []

  /// Header and body of a commit of one event, as the journal pads it.
  private static let commitBytes = 256
  /// The journal's record of such an event.
  private static let recordBytes = 88

  init(_ command: JournalCommand) throws {
    let clock = TickClock.calibrated()
    let durationNs = UInt64(command.duration) * 1_000_000
    try measureLatencies(command, clock)
    try measureThroughput(command, durationNs, clock)
    try measureHeartbeats(command, durationNs)
    let catchUp = try ArchiveCatchUp(folder: command.folder)
    archive = try Rounds.figures(command.rounds, arms: [0]) { _ in try catchUp.round() }[0]
  }

  private mutating func measureLatencies(_ command: JournalCommand, _ clock: TickClock) throws {
    let one = try JournalBenchmark(
      clients: 1, batch: 1, folder: command.folder, cpus: command.rounds.cpus, clock: clock)
    let floor = try SyncFloor(folder: command.folder, writeBytes: Self.commitBytes)
    let database = try SQLiteJournal(folder: command.folder, rowBytes: Self.recordBytes)
    try Rounds.run(command.rounds, arms: [0]) { _, _, counts in
      let result = try one.latencies(events: command.events)
      let bare = try floor.latencies(writes: command.events)
      let row = try database.latencies(commits: command.events)
      guard counts else { return }
      durable.add(result)
      sync.add(bare)
      sqlite.add(row)
    }
  }

  private mutating func measureThroughput(
    _ command: JournalCommand, _ durationNs: UInt64, _ clock: TickClock
  ) throws {
    for clients in command.clients.counts {
      // One dispatcher at a time: even an idle one has threads.
      for batch in command.batch.counts {
        let benchmark = try JournalBenchmark(
          clients: clients, batch: batch, folder: command.folder, cpus: command.rounds.cpus, clock: clock)
        let rates = try Rounds.figures(command.rounds, arms: [0]) { _ in try benchmark.round(durationNs: durationNs) }
        throughput.append(Throughput(clients: clients, batch: batch, perSecond: rates[0]))
      }
    }
    let database = try SQLiteJournal(folder: command.folder, rowBytes: Self.recordBytes)
    for batch in Set(throughput.map { $0.clients * $0.batch }).sorted() {
      let rates = try Rounds.figures(command.rounds, arms: [0]) { _ in
        try database.round(durationNs: durationNs, batch: batch)
      }
      sqliteThroughput.append((batch, rates[0]))
    }
  }

  private mutating func measureHeartbeats(_ command: JournalCommand, _ durationNs: UInt64) throws {
    let arms = [
      try JournalHeartbeats(folder: command.folder, cpus: command.rounds.cpus),
      try JournalHeartbeats(folder: nil, cpus: command.rounds.cpus),
    ]
    let rates = try Rounds.figures(command.rounds, arms: arms) { try $0.round(durationNs: durationNs) }
    guard arms.allSatisfy({ $0.changes > 0 }) else { throw BenchmarkError("no state changed meanwhile") }
    (heartbeats, heartbeatsWithout) = (rates[0], rates[1])
  }

  var ratioToSync: Double { Summary.ratio(durable.p50, sync.p50) }

  var heartbeatsRatio: Double { Summary.ratio(heartbeats, heartbeatsWithout) }

  /// The most that the largest number of clients came to.
  private var best: Double? {
    guard let most = throughput.map(\.clients).max() else { return nil }
    return throughput.filter { $0.clients == most }.map { Summary($0.perSecond).median }.max()
  }

  var goals: [Goal] {
    [
      Goal(
        "durable events a second, \(throughput.map(\.clients).max() ?? 0) clients", .atLeast(300_000), best, .perSecond),
      Goal("durable p50 of one client to write and fdatasync", .atMost(1.5), ratioToSync),
      Goal("heartbeats while the journal commits, to those without", .atLeast(0.9), heartbeatsRatio),
      Goal("events that the archive takes over a second", .atLeast(50_000), Summary(archive).median, .perSecond),
    ]
  }

  var table: TextTable {
    var table = TextTable("", "p50", "p99", "p99.9", "a second", "spread")
    func add(_ name: String, _ rounds: LatencyRounds) {
      table.add(
        TextTable.Cell(name, .bold), TextTable.Cell(Figures.ns(Summary(rounds.p50).median)),
        TextTable.Cell(Figures.ns(Summary(rounds.p99).median)),
        TextTable.Cell(Figures.ns(Summary(rounds.p999).median)), "-",
        TextTable.Cell(Figures.spread(Summary(rounds.p50))))
    }
    func add(_ name: String, _ rates: [Double]) {
      table.add(
        TextTable.Cell(name, .bold), "-", "-", "-", TextTable.Cell(Figures.perSecond(Summary(rates).median)),
        TextTable.Cell(Figures.spread(Summary(rates))))
    }
    add("one client, one event at a time", durable)
    add("bare write and fdatasync", sync)
    add("SQLite, one row", sqlite)
    for row in throughput { add("\(row.clients) clients, \(row.batch) events each", row.perSecond) }
    for row in sqliteThroughput { add("SQLite, \(row.batch) rows a transaction", row.perSecond) }
    add("heartbeats while it commits", heartbeats)
    add("heartbeats without a journal", heartbeatsWithout)
    add("archive, catching up", archive)
    return table
  }

  var throughputJSON: JSONValue {
    .array(
      throughput.map { row in
        .object([
          .init("clients", .integer(row.clients)), .init("batch", .integer(row.batch)),
          .init("durable_per_s", .decimal(Summary(row.perSecond).median)),
        ])
      })
  }

  var sqliteJSON: JSONValue {
    .array(
      sqliteThroughput.map { row in
        .object([
          .init("batch", .integer(row.batch)), .init("durable_per_s", .decimal(Summary(row.perSecond).median)),
        ])
      })
  }
}
