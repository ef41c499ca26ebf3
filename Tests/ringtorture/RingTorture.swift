import ArgumentParser
import EventJSON
import Glibc
import Platform

/// Kills the processes of a cluster controller again and again, at random moments and at named places, while clients submit
/// numbered events at full speed, and looks after each round whether anything is lost or there twice.
@main
struct RingTorture: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringtorture",
    abstract: "Kills the processes of a cluster controller and looks whether anything is lost or there twice.",
    discussion: """
      Each round has a dispatcher with a journal, clients and an ingest of its own, all killed with SIGKILL as the seed \
      has it. A round that fails leaves its journal and logs. Exits 0 when nothing was lost, duplicated or wrong.
      """,
    subcommands: [RunCommand.self, DispatcherCommand.self, ClientCommand.self, LaunchCommand.self],
    defaultSubcommand: RunCommand.self)
}

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Runs the rounds.")

  @OptionGroup var options: TortureOptions

  func run() throws {
    // A write to a client that was killed is an error, not the end.
    signal(SIGPIPE, SIG_IGN)
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    let base = options.keep ?? "/tmp/ringtorture-\(getpid())"
    try Folder.ensure(base)
    var report = TortureReport(seed: options.seed)
    for number in options.roundNumbers {
      let folder = "\(base)/round-\(number)"
      try Folder.ensure(folder)
      let startNs = Clock.monotonicNs()
      let round = try Round(options, round: number, folder: folder)
      try round.run()
      report.add(round, number: number)
      if !options.json { tell(round, number, ms: (Clock.monotonicNs() - startNs) / 1_000_000) }
      if round.findings.isEmpty { try FolderRemoval.remove(folder) }
    }
    if report.isClean, options.keep == nil { try FolderRemoval.remove(base) }
    try StandardStream.output.writeLine(options.json ? report.json.text : report.text)
    guard report.isClean else { throw ExitCode.failure }
  }

  private func tell(_ round: Round, _ number: Int, ms: UInt64) {
    let kills = KillPlace.allCases.compactMap { place in round.kills[place].map { "\(place.rawValue) \($0)" } }
    let verdict = round.findings.isEmpty ? "" : " FAILED"
    try? StandardStream.error.writeLine(
      "round \(number): \(ms) ms, \(round.begun) events, \(kills.joined(separator: ", "))\(verdict)")
  }
}

/// Becomes a program of the product that ends with the torture.
struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "launch", shouldDisplay: false)

  @Argument(parsing: .captureForPassthrough) var arguments: [String]

  func run() throws {
    try ChildLauncher.launch(arguments, parent: getppid())
  }
}
