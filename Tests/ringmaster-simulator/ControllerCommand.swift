import ArgumentParser
import Controller
import ControllerFuzzer
import Foundation
import Platform
import Terminal

/// `ringmaster-simulator controller`: the state machine alone, beside the reference model.
struct ControllerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "controller",
    abstract: "Hunts for events that break the state machine.",
    discussion: """
      Makes up events for a small cluster, in runs of \(FuzzSeries<ReferenceJudge>.stepsPerRun), each from an empty state: \
      failing and returning workers, jobs of all kinds, late, repeated and wrong reports, clock jumps, restarts. After \
      each event it checks that the reference model, slow and simple, makes the same transaction of it and holds the same \
      state, that no finished task or job moves, that what is refused changes nothing, that a second \
      controller with the same events does the same, and that saving and loading loses nothing. All invariants are \
      recomputed after every event while there are at most \(SimulatedController.entitiesCheckedEveryStep) workers, \
      jobs and tasks; with more, after every second, third, … event, so that the cost of an event stays the same.

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

  @Flag(help: "Print one JSON object: counts, time and the counter-example, if there is one.")
  var json = false

  func validate() throws {
    guard events > 0 else { throw ValidationError("--events: expected at least 1, got \(events)") }
  }

  func run() throws {
    let fuzzer = Fuzzer { ReferenceJudge(configuration: .fuzzing) }
    var series = FuzzSeries(fuzzer, seed: seed, profile: profile, steps: events)
    let showsProgress = TerminalCapabilities(.standardError).movesCursor
    let clock = ContinuousClock()
    let start = clock.now
    var shown = start
    while series.runNext() {
      let now = clock.now
      guard showsProgress, now - shown >= Self.progressInterval else { continue }
      shown = now
      let report = ControllerReport(series, seed: seed, elapsed: now - start)
      try StandardStream.showProgress(report.progress(of: events))
    }
    if showsProgress { try StandardStream.showProgress("") }
    let report = ControllerReport(series, seed: seed, elapsed: clock.now - start)
    if json {
      try StandardStream.output.writeLine(report.json.text)
    } else {
      try StandardStream.error.writeLine(report.text)
      for step in series.counterexample?.steps ?? [] { try StandardStream.output.writeLine(step.json.text) }
    }
    if series.counterexample != nil { throw ExitCode.failure }
  }
}

extension FuzzProfile: ExpressibleByArgument {}
