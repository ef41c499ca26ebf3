import ArgumentParser
import DispatcherSimulator
import EventJSON
import Foundation
import Platform
import Terminal

/// `ringmaster-simulator dispatcher`: a whole dispatcher.
struct DispatcherCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dispatcher",
    abstract: "Hunts for faults of a whole dispatcher, on a disk and by a clock of its own.",
    discussion: """
      Simulates all of a dispatcher: its loop, its rings, its journal, recovery and clients, led by one seed through \
      kills, power cuts, full and failing disks, and checks that what was accepted is handled once, what was told durable \
      is there, and what waits does not wait for ever. The same seed makes the same run on any machine. When a check \
      fails it prints on standard output the steps, shrunk to few that still fail, on standard error the rest, and \
      exits with 1.
      """)

  @Option(help: "Where to begin: any number; the seed of a failing run repeats that run.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Run the seeds that follow for this long; without it, one run.", valueName: "count"))
  var minutes: Int?

  @Option(
    help: ArgumentHelp(
      "Only one kind of trouble: \(DispatcherProfile.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "name"))
  var profile: DispatcherProfile?

  @Option(help: ArgumentHelp("Repeat the steps that a failing run has printed.", valueName: "file"))
  var script: String?

  @Flag(inversion: .prefixedNo, help: "Search for a shorter script that fails alike.")
  var shrink = true

  @Flag(help: "Print one JSON object: counts, time and the failure, if there is one.")
  var json = false

  func validate() throws {
    if let minutes, minutes < 1 { throw ValidationError("--minutes: expected at least 1, got \(minutes)") }
  }

  func run() throws {
    let fuzzer = try DispatcherFuzzer()
    let clock = ContinuousClock()
    let start = clock.now
    let cpuStartNs = Clock.processCPUNs()
    let end = start + .seconds(60 * (minutes ?? 0))
    var runs = 0
    var failure: DispatcherFuzzer.Failure?
    if let script {
      let steps = try Self.readScript(script)
      runs = 1
      failure = fuzzer.run(seed: steps.seed, profile: steps.profile, script: steps.steps)
    } else {
      repeat {
        let seed = seed &+ UInt64(runs)
        if TerminalCapabilities(.standardError).movesCursor { try StandardStream.showProgress("seed \(seed)") }
        failure = fuzzer.run(seed: seed, profile: profile)
        runs += 1
      } while failure == nil && clock.now < end
      if TerminalCapabilities(.standardError).movesCursor { try StandardStream.showProgress("") }
    }
    let report = DispatcherFuzzReport(
      seed: seed, runs: runs, events: fuzzer.events, restarts: fuzzer.restarts, elapsed: clock.now - start,
      cpuSeconds: Double(Clock.processCPUNs() - cpuStartNs) / 1e9, original: failure,
      failure: shrink ? failure.map { fuzzer.shrink($0) } : failure)
    if json {
      try StandardStream.output.writeLine(report.json.text)
    } else {
      try StandardStream.error.writeLine(report.text)
      if let script = report.failure?.scriptText { try StandardStream.output.writeLine(script) }
    }
    if failure != nil { throw ExitCode.failure }
  }

  private static func readScript(_ path: String) throws -> SimulationScript {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ValidationError("--script: expected a file that can be read, and \(path) is none")
    }
    guard let script = SimulationScript(text: text) else {
      throw ValidationError(
        "--script: expected what \"ringmaster-simulator\" printed, got something else in \(path)")
    }
    return script
  }
}

/// How a series of simulations went, for people and for programs.
struct DispatcherFuzzReport {
  let seed: UInt64
  let runs: Int
  let events: UInt64
  let restarts: Int
  let elapsed: Duration
  let cpuSeconds: Double
  /// As it was found.
  let original: DispatcherFuzzer.Failure?
  /// The same with what it needs alone.
  let failure: DispatcherFuzzer.Failure?

  private var eventsPerSecond: Double { Double(events) / max(cpuSeconds, 1e-9) }

  var text: String {
    let summary = """
      seed \(seed): \(events) events in \(runs) runs with \(restarts) restarts, \
      \(HumanNumber.rate(perSecond: eventsPerSecond)) of processor time
      """
    guard let original, let failure else { return "\(summary)\nno check failed" }
    return """
      \(summary)
      FAILED: seed \(original.seed), profile \(original.profile.rawValue), step \(original.step): \(original.check)
        \(original.message)
      The same run again: ringmaster-simulator --seed \(original.seed) --profile \(original.profile.rawValue)
      \(failure.script.count == original.script.count ? "These are" : "Shrunk to") \(failure.script.count) steps, which "ringmaster-simulator --script FILE" repeats:
        \(failure.message)
      """
  }

  var json: JSONValue {
    .object([
      .init("seed", .integer(seed)),
      .init("runs", .integer(runs)),
      .init("events", .integer(events)),
      .init("restarts", .integer(restarts)),
      .init("elapsed_ms", .integer(UInt64(max(elapsed / .milliseconds(1), 0)))),
      .init("events_per_cpu_second", .integer(Int64(eventsPerSecond))),
      .init("failure", failureJSON),
    ])
  }

  private var failureJSON: JSONValue {
    guard let original, let failure else { return .null }
    return .object([
      .init("seed", .integer(original.seed)),
      .init("profile", .string(original.profile.rawValue)),
      .init("step", .integer(original.step)),
      .init("check", .string(original.check)),
      .init("message", .string(original.message)),
      .init("script", .array(failure.script.map { .string($0.text) })),
    ])
  }
}

extension DispatcherProfile: ExpressibleByArgument {}
