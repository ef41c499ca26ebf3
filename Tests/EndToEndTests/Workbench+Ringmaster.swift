import Glibc
import Testing

/// The executables as the tests use them.
extension Workbench {
  /// Starts a dispatcher and waits until it listens.
  ///
  /// - Parameters:
  ///   - program: one that takes the options of ringmasterd.
  ///   - settings: lines of its configuration file; nil for none.
  @discardableResult
  func startDispatcher(
    _ program: String = "ringmasterd", workerTimeoutMs: Int? = nil, socketPath: String? = nil,
    settings: [String]? = nil
  ) throws -> ChildProcess {
    var arguments = ["--socket", socketPath ?? self.socketPath, "--instance", instance]
    if let workerTimeoutMs { arguments += ["--worker-timeout", "\(workerTimeoutMs)"] }
    if let settings { arguments += ["--config", try write(settings, to: "ringmaster.toml")] }
    let dispatcher = try start(program, arguments)
    try wait("the dispatcher listens") {
      try failIfEnded(dispatcher)
      return dispatcher.errors.contains("listening")
    }
    return dispatcher
  }

  /// Starts a UDP ingest, which finds the dispatcher by RINGMASTER_SOCKET.
  ///
  /// - Returns: the process and the port it listens on.
  func startUDPIngest(_ options: String...) throws -> (process: ChildProcess, port: UInt16) {
    let ingest = try start(
      "ringmaster-ingest",
      ["udp", "--listen", "127.0.0.1:0", "--instance", instance] + options)
    try wait("the ingest listens") {
      try failIfEnded(ingest)
      return !ingest.outputLines.isEmpty
    }
    let line = ingest.outputLines[0]
    #expect(line.hasPrefix("listening on 127.0.0.1:"))
    let port = try #require(line.split(separator: ":").last.flatMap { UInt16($0) })
    return (ingest, port)
  }

  /// Publishes events, a line each, and awaits their results.
  @discardableResult
  func publish(_ lines: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> JSON {
    let ingest = try run(
      "ringmaster-ingest", ["ndjson", "--socket", socketPath, "--json", try write(lines, to: "events.ndjson")])
    unlink(path("events.ndjson"))
    #expect(ingest.exit == .code(0), "\(ingest.errors)", sourceLocation: sourceLocation)
    return try JSON(parsing: ingest.output)
  }

  /// What a process of this instance has counted; empty when it has no counters.
  func counters(of process: String) throws -> [String: JSON] {
    let counters = try ringctl("counters", "--json", "--instance", instance)
    for line in counters.outputLines {
      let page = try JSON(parsing: line)
      if page["process"] == .string(process) { return page["counters"].members }
    }
    return [:]
  }

  /// Waits until a process has counted at least so much.
  ///
  /// - Returns: all its counters then.
  @discardableResult
  func waitForCounter(_ name: String, of process: String, atLeast count: Int) throws -> [String: JSON] {
    var counters: [String: JSON] = [:]
    try wait("\(process) has counted \(count) \(name)") {
      counters = try self.counters(of: process)
      return counters[name]?.int ?? 0 >= count
    }
    return counters
  }

  /// Starts `ringctl watch` and waits until it shows transactions.
  func startWatch(_ options: String...) throws -> ChildProcess {
    let watch = try start("ringctl", ["watch"] + options)
    var probe = 0
    try wait("the watch shows transactions") {
      try failIfEnded(watch)
      probe += 1
      let probing = try ringctl("cancel", "probe-\(probe)", "-m", "is anybody watching?")
      #expect(probing.exit == .code(1))
      return watch.output.contains("probe-")
    }
    return watch
  }

  private func failIfEnded(_ child: ChildProcess) throws {
    child.pump()
    guard let exit = child.exit else { return }
    throw EarlyEnd(description: "\(child.name) ended: \(exit); \(child.errors)")
  }
}

/// A process ended that should serve.
struct EarlyEnd: Error, CustomStringConvertible {
  let description: String
}
