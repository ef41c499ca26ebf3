import ArgumentParser
import Controller
import DispatcherSimulator
import Foundation
import Platform
import Simulator
import Terminal

/// `ringctl fuzz`: made-up events through a state machine under watch, with no daemon.
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Hunt for events that break the state machine, with no daemon.",
    discussion: """
      Makes up events for a small cluster, in runs of \(FuzzSeries<LenientJudge>.stepsPerRun), each from an empty state: \
      failing and returning workers, jobs of all kinds, late, repeated and wrong reports, clock jumps, restarts. After \
      each event it checks that no finished task or job moves, that what is refused changes nothing, that a second \
      controller with the same events does the same, and that saving and loading loses nothing. All invariants are \
      recomputed after every event while there are at most \(SimulatedController.entitiesCheckedEveryStep) workers, \
      jobs and tasks; with more, after every second, third, … event, so that the cost of an event stays the same.

      With --dispatcher it simulates all of a dispatcher instead: its loop, its rings, its journal, recovery and clients, \
      led by one seed through kills, power cuts, full and failing disks, and checks that what was accepted is handled \
      once, what was told durable is there, and what waits does not wait for ever.

      The same seed makes the same events on any machine. When a check fails it prints on standard output the events, \
      shrunk to few that still fail, one a line as "ringctl simulate" reads them, on standard error the rest, and \
      exits with 1.
      """)

  private static let progressInterval = Duration.milliseconds(200)

  @Option(help: "Where to begin: any number; the seed of a failing run repeats that run.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("How many events to make up.", valueName: "count"))
  var events = 1_000_000

  @Option(
    help: ArgumentHelp(
      "Only one kind of trouble: \(FuzzProfile.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
  var profile: FuzzProfile?

  @Flag(
    help: "Simulate the whole dispatcher: rings, journal, recovery and clients, on a disk and by a clock of its own.")
  var dispatcher = false

  @Option(
    help: ArgumentHelp(
      "With --dispatcher: run the seeds that follow for this long; without it, one run.", valueName: "count"))
  var minutes: Int?

  @Option(
    help: ArgumentHelp(
      "With --dispatcher, only one kind of trouble: "
        + "\(DispatcherProfile.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
  var dispatcherProfile: DispatcherProfile?

  @Option(help: ArgumentHelp("With --dispatcher: repeat the steps that a failing run has printed.", valueName: "file"))
  var script: String?

  @Flag(inversion: .prefixedNo, help: "With --dispatcher: search for a shorter script that fails alike.")
  var shrink = true

  @Flag(help: "Print one JSON object: counts, time and the counter-example, if there is one.")
  var json = false

  func validate() throws {
    guard events > 0 else { throw ValidationError("--events: expected at least 1, got \(events)") }
    if let minutes, minutes < 1 { throw ValidationError("--minutes: expected at least 1, got \(minutes)") }
    if !dispatcher, minutes != nil || script != nil || dispatcherProfile != nil {
      throw ValidationError("--minutes, --script and --dispatcher-profile: expected with --dispatcher alone")
    }
  }

  func run() throws {
    if dispatcher { return try runDispatcher() }
    let fuzzer = Fuzzer { LenientJudge() }
    var series = FuzzSeries(fuzzer, seed: seed, profile: profile, steps: events)
    let showsProgress = TerminalCapabilities(.standardError).movesCursor
    let clock = ContinuousClock()
    let start = clock.now
    var shown = start
    while series.runNext() {
      let now = clock.now
      guard showsProgress, now - shown >= Self.progressInterval else { continue }
      shown = now
      let report = FuzzReport(series, seed: seed, elapsed: now - start)
      try Self.showProgress(report.progress(of: events))
    }
    if showsProgress { try Self.showProgress("") }
    let report = FuzzReport(series, seed: seed, elapsed: clock.now - start)
    if json {
      try StandardStream.output.writeLine(report.json.text)
    } else {
      try StandardStream.error.writeLine(report.text)
      for step in series.counterexample?.steps ?? [] { try StandardStream.output.writeLine(step.json.text) }
    }
    if series.counterexample != nil { throw ExitCode.failure }
  }

  /// In the place of what was shown before.
  static func showProgress(_ text: String) throws {
    try FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(text)".utf8))
  }
}

extension FuzzProfile: ExpressibleByArgument {}
