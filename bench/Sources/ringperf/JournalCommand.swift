import ArgumentParser
import EventJSON
import Foundation
import Terminal

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

      JSON: results, a row for each number of clients and batch with clients, batch, durable_per_s; sqlite, rows with \
      batch and durable_per_s; durable_ns_p50, _p99, _p999; fdatasync_ns_p50, ...; sqlite_ns_p50, ...; \
      ratio_to_fdatasync, archive_per_s, heartbeats_per_s, heartbeats_without_per_s, heartbeats_ratio; goals.
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
  @OptionGroup var histogram: HistogramOptions

  func validate() throws {
    for count in clients.counts { try expect("--clients", count, in: 1...500) }
    for count in batch.counts { try expect("--batch", count, in: 1...4096) }
    try expect("--events", events, in: 10...10_000_000)
    try expect("--duration", duration, in: 10...600_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let figures = try JournalFigures(self)
    var report = Report(benchmark: "journal", table: figures.table)
    report.settings = [
      .init("folder", .string(folder)), .init("events", .integer(events)), .init("duration_ms", .integer(duration)),
    ]
    report.addSettings(rounds)
    report.add("durable_ns", figures.durable)
    report.add("fdatasync_ns", figures.sync)
    report.add("sqlite_ns", figures.sqlite)
    report.add("heartbeats_per_s", figures.heartbeats)
    report.add("heartbeats_without_per_s", figures.heartbeatsWithout)
    report.add("archive_per_s", figures.archive)
    report.figures += [
      .init("ratio_to_fdatasync", .decimal(figures.ratioToSync)),
      .init("heartbeats_ratio", .decimal(figures.heartbeatsRatio)),
    ]
    report.lists = [
      .init("results", figures.throughputJSON), .init("sqlite", figures.sqliteJSON),
      .init("goals", .array(figures.goals.map(\.json))),
    ]
    report.notes = figures.goals.map { goal in
      let mark = goal.isMet.map { $0 ? "met" : "missed" } ?? "not measured"
      return "\(mark): \(goal.what) \(goal.boundText), measured \(goal.measured.map { goal.unit.text($0) } ?? "-")"
    }
    report.latencies = figures.durable.merged
    try report.publish(output, hdr: histogram.hdr)
  }
}
