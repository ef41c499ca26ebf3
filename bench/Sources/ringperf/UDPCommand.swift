import ArgumentParser
import Terminal

struct UDPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "udp",
    abstract: "Heartbeats in datagrams over loopback, through the real ingest to applied state.",
    discussion: """
      Starts ringmasterd and ringmaster-ingest, sends datagrams as fast as sendmmsg takes them, and counts the heartbeats \
      that the dispatcher applied. In turn with it, the same sender sends to a bare recvmmsg loop that drops what it gets.

      The sender has the first processor of --cpus; the ingest and the dispatcher share the others, as the bare loop does.

      JSON: heartbeats_per_s, bare_heartbeats_per_s, ratio_to_bare.
      """)

  @Option(help: "Heartbeats in a datagram: 1 to 152.")
  var perDatagram = 1

  @Option(help: ArgumentHelp("Length of a round.", valueName: "ms"))
  var duration = 500

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--per-datagram", perDatagram, in: 1...152)
    try expect("--duration", duration, in: 10...600_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let benchmark = try UDPBenchmark(
      perDatagram: perDatagram, cpus: rounds.cpus, ingestCPUs: Array(rounds.cpus.cpus.dropFirst()))
    let durationNs = UInt64(duration) * 1_000_000
    let rates = try Rounds.figures(rounds, arms: [true, false]) { isIngest in
      try isIngest ? benchmark.ingestRound(durationNs: durationNs) : benchmark.bareRound(durationNs: durationNs)
    }
    let (ingest, bare) = (Summary(rates[0]), Summary(rates[1]))
    let ratio = Summary.ratio(rates[0], rates[1])
    var table = TextTable("", "heartbeats", "spread", "to the bare loop")
    table.add(
      TextTable.Cell("through the ingest, applied", .bold), TextTable.Cell(Figures.perSecond(ingest.median)),
      TextTable.Cell(Figures.spread(ingest)), TextTable.Cell(Figures.ratio(ratio)))
    table.add(
      TextTable.Cell("bare recvmmsg loop"), TextTable.Cell(Figures.perSecond(bare.median)),
      TextTable.Cell(Figures.spread(bare)), "1.00")
    var report = Report(benchmark: "udp", table: table)
    report.settings = [.init("per_datagram", .integer(perDatagram)), .init("duration_ms", .integer(duration))]
    report.addSettings(rounds)
    report.add("heartbeats_per_s", rates[0])
    report.add("bare_heartbeats_per_s", rates[1])
    report.figures.append(.init("ratio_to_bare", .decimal(ratio)))
    try report.publish(output)
  }
}
