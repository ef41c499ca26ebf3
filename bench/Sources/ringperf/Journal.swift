import ArgumentParser
import EventJSON
import Foundation

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract:
      "Durable events a second, and what an event waits until it is durable, through a real dispatcher process.",
    discussion: """
      Starts ringmasterd with a journal in --folder, which should lie on the disk that is meant, and has clients send \
      state-changing events (failed heartbeats) and await their durable results: --batch events of each client are under \
      way at a time. One client with one event at a time is compared with the disk's bare write and fdatasync of as many \
      bytes in a file as well prepared, and with a row in SQLite (WAL, synchronous=FULL); many at a time with rows of \
      SQLite in transactions of as many as all clients together have under way. Heartbeats are those that a dispatcher \
      applies while state changes and is committed all the time, as a ratio to one without a journal that does the same. \
      What is compared takes turns. Last, ringmaster-archive takes over a journal of 110,000 events.

      JSON: durable_ns_p50, _p99, _p999; fdatasync_ns_p50, ...; sqlite_ns_p50, ...; durable_per_s, a row in results for \
      each number of clients and batch; sqlite_per_s, one for each number of rows a transaction; heartbeats_per_s, heartbeats_without_per_s, \
      archive_per_s, ratio_to_fdatasync, heartbeats_ratio; goals.
      """)

  @Option(help: "Numbers of clients.")
  var clients = CountList([1, 4, 16, 64])

  @Option(help: "Events of each client under way at a time.")
  var batch = CountList([1, 16, 256])

  @Option(help: "Events of a round of one client with one event at a time.")
  var events = 1000

  @Option(help: ArgumentHelp("Length of a round of the others.", valueName: "ms"))
  var duration = 500

  @Option(help: ArgumentHelp("Where the journal is to be.", valueName: "folder"))
  var folder = FileManager.default.temporaryDirectory.path

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for count in clients.counts { try expect("--clients", count, in: 1...500) }
    for count in batch.counts { try expect("--batch", count, in: 1...4096) }
    try expect("--events", events, in: 10...10_000_000)
    try expect("--duration", duration, in: 10...600_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let figures = try JournalFigures(
      clients: clients.counts, batches: batch.counts, events: events, durationNs: UInt64(duration) * 1_000_000,
      folder: folder, rounds: rounds)
    var report = Report(
      "journal", rounds,
      [
        .init("folder", .string(folder)), .init("events", .integer(events)), .init("duration_ms", .integer(duration)),
      ])
    report.latencies = figures.latencies
    report.rows = figures.rows
    report.goals = figures.goals
    try report.publish(output)
  }
}

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

  private let folder: String
  private let options: RoundOptions
  private let clock = TickClock.calibrated()

  init(clients: [Int], batches: [Int], events: Int, durationNs: UInt64, folder: String, rounds: RoundOptions) throws {
    (self.folder, options) = (folder, rounds)
    try measureLatencies(events: events)
    try measureThroughput(clients: clients, batches: batches, durationNs)
    try measureHeartbeats(durationNs)
    let catchUp = try ArchiveCatchUp(folder: folder)
    archive = try Rounds.figures(rounds, arms: [0]) { _ in try catchUp.round() }[0]
  }

  private mutating func measureLatencies(events: Int) throws {
    let one = try JournalBenchmark(
      clients: 1, batch: 1, folder: folder, cpus: options.cpus, clock: clock)
    let floor = try SyncFloor(folder: folder, writeBytes: Self.commitBytes)
    let database = try SQLiteJournal(folder: folder, rowBytes: Self.recordBytes)
    try Rounds.run(options, arms: [0]) { _, _, counts in
      let result = try one.latencies(events: events)
      let bare = try floor.latencies(writes: events)
      let row = try database.latencies(commits: events)
      guard counts else { return }
      durable.add(result)
      sync.add(bare)
      sqlite.add(row)
    }
  }

  private mutating func measureThroughput(clients: [Int], batches: [Int], _ durationNs: UInt64) throws {
    for clients in clients {
      // One dispatcher at a time: even an idle one has threads.
      for batch in batches {
        let benchmark = try JournalBenchmark(
          clients: clients, batch: batch, folder: folder, cpus: options.cpus, clock: clock)
        let rates = try Rounds.figures(options, arms: [0]) { _ in try benchmark.round(durationNs: durationNs) }
        throughput.append(Throughput(clients: clients, batch: batch, perSecond: rates[0]))
      }
    }
    let database = try SQLiteJournal(folder: folder, rowBytes: Self.recordBytes)
    for batch in Set(throughput.map { $0.clients * $0.batch }).sorted() {
      let rates = try Rounds.figures(options, arms: [0]) { _ in
        try database.round(durationNs: durationNs, batch: batch)
      }
      sqliteThroughput.append((batch, rates[0]))
    }
  }

  private mutating func measureHeartbeats(_ durationNs: UInt64) throws {
    let arms = [
      try JournalHeartbeats(folder: folder, cpus: options.cpus),
      try JournalHeartbeats(folder: nil, cpus: options.cpus),
    ]
    let rates = try Rounds.figures(options, arms: arms) { try $0.round(durationNs: durationNs) }
    guard arms.allSatisfy({ $0.changes > 0 }) else { throw BenchmarkError("no state changed meanwhile") }
    (heartbeats, heartbeatsWithout) = (rates[0], rates[1])
  }

  /// The most that the largest number of clients came to.
  private var best: Double? {
    guard let most = throughput.map(\.clients).max() else { return nil }
    return throughput.filter { $0.clients == most }.map { Summary($0.perSecond).median }.max()
  }

  var goals: [Goal] {
    let most = throughput.map(\.clients).max() ?? 0
    return [
      Goal("durable events, \(most) clients", .atLeast(600_000), best, .perSecond),
      Goal(
        "durable p50 of one client to write and fdatasync", .atMost(1.3), Summary.ratio(durable.all.p50, sync.all.p50)),
      Goal(
        "heartbeats while the journal commits, to those without", .atLeast(0.9),
        Summary.ratio(heartbeats, heartbeatsWithout)),
      Goal("events that the archive takes over", .atLeast(150_000), Summary(archive).median, .perSecond),
    ]
  }

  var latencies: [LatencyRow] {
    [
      LatencyRow("one client, one event at a time", "durable_ns", durable),
      LatencyRow("bare write and fdatasync", "fdatasync_ns", sync), LatencyRow("SQLite, one row", "sqlite_ns", sqlite),
    ]
  }

  var rows: [Row] {
    throughput.map { row in
      Row(
        "\(row.clients) clients, \(row.batch) events each", "durable_per_s", row.perSecond, .perSecond,
        [.init("clients", .integer(row.clients)), .init("batch", .integer(row.batch))])
    }
      + sqliteThroughput.map { row in
        Row(
          "SQLite, \(row.batch) rows a transaction", "sqlite_per_s", row.perSecond, .perSecond,
          [.init("batch", .integer(row.batch))])
      } + [
        Row("heartbeats while it commits", "heartbeats_per_s", heartbeats, .perSecond),
        Row("heartbeats without a journal", "heartbeats_without_per_s", heartbeatsWithout, .perSecond),
        Row("archive, catching up", "archive_per_s", archive, .perSecond),
        Row("durable p50 to fdatasync", "ratio_to_fdatasync", Summary.ratios(durable.all.p50, sync.all.p50), .ratio),
        Row("heartbeats with to without", "heartbeats_ratio", Summary.ratios(heartbeats, heartbeatsWithout), .ratio),
      ]
  }
}
