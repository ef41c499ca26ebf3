import ArgumentParser
import EventJSON
import Terminal

struct IdleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle",
    abstract: "What looking at many empty rings costs.",
    discussion: """
      The dispatcher puts rings to sleep that have been silent, and looks at one byte for each on the attention board; \
      beside it the cost of looking into each ring.

      JSON: results, a row for each number of rings with poll_ns_per_ring (the board) and look_ns_per_ring (each ring); \
      both also of the last number.
      """)

  @Option(help: "Numbers of rings.")
  var rings = CountList([1, 16, 64, 256, 1024])

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  /// Lanes on the board.
  static let ringLimit = 1024

  func validate() throws {
    for count in rings.counts { try expect("--rings", count, in: 1...Self.ringLimit) }
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let clock = TickClock.calibrated()
    let benchmarks = try rings.counts.map { try IdlePollBenchmark(rings: $0, clock: clock) }
    let byBoard = try Rounds.figures(rounds, arms: benchmarks) { try $0.boardRound() }
    let byRing = try Rounds.figures(rounds, arms: benchmarks) { try $0.ringRound() }
    var table = TextTable("rings", "by the board, each", "spread", "all", "into each ring", "spread")
    var report = Report(benchmark: "idle", table: table)
    report.addSettings(rounds)
    var rows: [JSONValue] = []
    for (index, count) in rings.counts.enumerated() {
      let (board, ring) = (Summary(byBoard[index]), Summary(byRing[index]))
      table.add(
        TextTable.Cell("\(count)"), TextTable.Cell(Figures.ns(board.median)), TextTable.Cell(Figures.spread(board)),
        TextTable.Cell(Figures.ns(board.median * Double(count))), TextTable.Cell(Figures.ns(ring.median)),
        TextTable.Cell(Figures.spread(ring)))
      rows.append(
        .object([
          .init("rings", .integer(count)), .init("poll_ns_per_ring", .decimal(board.median)),
          .init("look_ns_per_ring", .decimal(ring.median)),
        ]))
    }
    report.table = table
    report.lists = [.init("results", .array(rows))]
    report.add("poll_ns_per_ring", byBoard[byBoard.count - 1])
    report.add("look_ns_per_ring", byRing[byRing.count - 1])
    try report.publish(output)
  }
}
