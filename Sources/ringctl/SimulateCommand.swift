import ArgumentParser
import Controller
import EventJSON
import EventModel
import Foundation
import Terminal

/// `ringctl simulate`: a script of events through a fresh state machine, with no daemon.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Run a file of events through a fresh state machine, with no daemon.",
    discussion: """
      Each line of FILE is one event as JSON. Prints the transaction of each, then the final state. TICK moves the \
      clock and does what is due, SWEEP judges who is silent as a dispatcher does, with grace and brakes, \
      CONTROLLER_STALLED says that the dispatcher did not run for a while, RESTART saves the state and loads it again, PLACE lets \
      first-fit place what waits, CONFIGURED changes settings. What only a dispatcher says by itself may stand there too, so that the lines of "ringctl journal \
      dump" are a script. A bad line is reported with its number and left out; the exit code is then 1.
      """)

  private static let chunkBytes = 1 << 16

  @Argument(
    help: "A file with one event a line (NDJSON); - is standard input.", completion: .file(extensions: ["ndjson"]))
  var file: String

  @Flag(help: "Print one JSON object a line: the transactions, then {\"final_state\": …}.")
  var json = false

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "A setting of the state machine, one of \(SimulationSetting.names.joined(separator: ", ")); may be repeated.",
      valueName: "key=value"),
    transform: SimulationSetting.init)
  var settings: [SimulationSetting] = []

  func run() throws {
    let input = try open()
    var simulation = Simulation(settings: settings)
    var badLines = 0
    let report = SimulationReport(isJSON: json, paint: Paint(TerminalCapabilities()))
    let errorPaint = Paint(TerminalCapabilities(.standardError))
    var reader = NDJSONReader<ScriptStep> { line throws(EventJSONError) in try ScriptStep(from: line) }
    func take(_ line: NDJSONReader<ScriptStep>.Line) throws {
      switch line.result {
      case .success(let step):
        for transaction in simulation.take(step) { print(report.text(transaction)) }
      case .failure(let error):
        badLines += 1
        let message = "line \(line.number): \(error)".withoutControls
        try FileHandle.standardError.write(contentsOf: Data("\(errorPaint(message, .red))\n".utf8))
      }
    }
    while let chunk = try input.read(upToCount: Self.chunkBytes), !chunk.isEmpty {
      try reader.read(Array(chunk), take)
    }
    try reader.finish(take)
    print(report.text(FinalState(simulation)))
    if badLines > 0 { throw ExitCode.failure }
  }

  private func open() throws -> FileHandle {
    if file == "-" { return .standardInput }
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory), isDirectory.boolValue {
      throw InputError(description: "\(file) is a directory; expected a file with one event a line.")
    }
    guard let input = FileHandle(forReadingAtPath: file) else {
      throw InputError(description: "\(file) cannot be opened for reading: \(String(cString: strerror(errno))).")
    }
    return input
  }
}

/// A script that cannot be read.
private struct InputError: Error, CustomStringConvertible {
  let description: String
}
