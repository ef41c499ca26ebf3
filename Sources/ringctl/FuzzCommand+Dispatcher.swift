import ArgumentParser
import DispatcherSimulator
import EventJSON
import Foundation
import Platform
import Terminal

/// `ringctl fuzz --dispatcher`: the whole dispatcher, with a clock and a disk of the simulation's.
extension FuzzCommand {
  func runDispatcher() throws {
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
        if TerminalCapabilities(.standardError).movesCursor { try Self.showProgress("seed \(seed)") }
        failure = fuzzer.run(seed: seed, profile: dispatcherProfile)
        runs += 1
      } while failure == nil && clock.now < end
      if TerminalCapabilities(.standardError).movesCursor { try Self.showProgress("") }
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
    let text = try String(contentsOfFile: path, encoding: .utf8)
    guard let script = SimulationScript(text: text) else {
      throw ValidationError(
        "--script: expected what \"ringctl fuzz --dispatcher\" printed, got something else in \(path)")
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
      The same run again: ringctl fuzz --dispatcher --seed \(original.seed) --dispatcher-profile \
      \(original.profile.rawValue)
      \(failure.script.count == original.script.count ? "These are" : "Shrunk to") \(failure.script.count) steps, which "ringctl fuzz --dispatcher --script FILE" repeats:
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
