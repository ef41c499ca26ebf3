import Glibc
import Synchronization
import Testing

/// One test's processes, folder, socket and instance. All of it is gone when the test ends, however it does.
final class Workbench {
  let folder: String
  let instance: String
  let socketPath: String
  private var children: [ChildProcess] = []

  private static let serial = Atomic<Int>(0)
  private static let endLimit = Duration.seconds(15)
  static let executables = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
    .joined(separator: "/")

  private init() throws {
    instance = "e2e-\(getpid())-\(Self.serial.add(1, ordering: .relaxed).newValue)"
    folder = "/tmp/ringmaster-\(instance)"
    socketPath = "\(folder)/control.sock"
    guard mkdir(folder, 0o700) == 0 else { throw SystemCallError("mkdir \(folder)") }
  }

  /// Runs `body`, ends everything it started, in order, and checks that it left nothing behind.
  static func run(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: (Workbench) throws -> Void
  ) throws {
    let bench = try Workbench()
    defer { bench.removeFolder() }
    do {
      try body(bench)
    } catch {
      bench.endAll(sourceLocation)
      for child in bench.children where !child.errors.isEmpty {
        Issue.record("\(child.name) said: \(child.errors.suffix(2000))", sourceLocation: sourceLocation)
      }
      throw error
    }
    bench.endAll(sourceLocation)
    #expect(bench.sharedMemory == [], "left in /dev/shm", sourceLocation: sourceLocation)
  }

  /// Names in /dev/shm that belong to this test.
  var sharedMemory: [String] { Self.sharedMemory(of: instance) }

  static func sharedMemory(of instance: String) -> [String] {
    Folder.names(in: "/dev/shm").filter { $0.hasPrefix("ringmaster.\(instance).") }
  }

  /// Submission and result rings of peers.
  var rings: [String] {
    sharedMemory.filter { $0.hasSuffix(".in") || $0.hasSuffix(".out") }
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  @discardableResult
  func write(_ lines: [String], to name: String) throws -> String {
    let file = open(path(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemCallError("open \(path(name))") }
    defer { close(file) }
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw SystemCallError("write \(path(name))") }
    return path(name)
  }

  /// Waits until `isTrue`, while it takes in what the processes write.
  func wait(_ what: String, upTo limit: Duration = .seconds(20), until isTrue: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + limit
    while try !isTrue() {
      guard ContinuousClock.now < deadline else { throw InVain(what: what, limit: limit) }
      for child in children where child.exit == nil { child.pump() }
      poll(nil, 0, 10)
    }
  }

  // MARK: processes

  /// Starts one of the executables of this package, or any program by its path.
  func start(
    _ program: String, _ arguments: [String], input: ChildProcess.Input = .nothing, output: Int32? = nil,
    inherited: Int32? = nil
  ) throws -> ChildProcess {
    let path = program.hasPrefix("/") ? program : "\(Self.executables)/\(program)"
    let child = try ChildProcess(
      path, arguments, environment: environment, input: input, output: output, inherited: inherited)
    children.append(child)
    return child
  }

  /// - Returns: how it ended.
  @discardableResult
  func waitForExit(_ child: ChildProcess, upTo limit: Duration = .seconds(20)) throws -> ChildProcess.Exit {
    let deadline = ContinuousClock.now + limit
    while true {
      child.pump(waitMs: 10)
      if let exit = child.exit { return exit }
      guard ContinuousClock.now < deadline else { throw InVain(what: "\(child.name) ends", limit: limit) }
      for other in children where other !== child && other.exit == nil { other.pump() }
    }
  }

  /// Asks it to end.
  func stop(_ child: ChildProcess, _ number: Int32 = SIGTERM) throws -> ChildProcess.Exit {
    child.signal(number)
    return try waitForExit(child)
  }

  /// Runs a program to its end.
  func run(_ program: String, _ arguments: [String], input: ChildProcess.Input = .nothing) throws -> ChildProcess {
    let child = try start(program, arguments, input: input)
    try waitForExit(child)
    children.removeAll { $0 === child }
    return child
  }

  /// Runs `ringctl`, which finds the dispatcher by RINGMASTER_SOCKET.
  func ringctl(_ arguments: String...) throws -> ChildProcess {
    try run("ringctl", arguments)
  }

  private var environment: [String] {
    let inherited = ["PATH", "HOME", "LD_LIBRARY_PATH"].compactMap { (name: String) -> String? in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
    return inherited + ["SWIFT_BACKTRACE=enable=no", "TMPDIR=\(folder)", "RINGMASTER_SOCKET=\(socketPath)"]
  }

  private func endAll(_ sourceLocation: SourceLocation) {
    for child in children.reversed() where child.exit == nil {
      child.signal(SIGCONT)
      child.signal(SIGTERM)
      if (try? waitForExit(child, upTo: Self.endLimit)) == nil {
        Issue.record("\(child.name) did not end within \(Self.endLimit) after SIGTERM", sourceLocation: sourceLocation)
        child.signal(SIGKILL)
        _ = try? waitForExit(child, upTo: Self.endLimit)
      }
    }
  }

  private func removeFolder() {
    for name in sharedMemory { unlink("/dev/shm/\(name)") }
    Folder.remove(folder)
  }
}

/// What a test waited for did not come.
struct InVain: Error, CustomStringConvertible {
  let what: String
  let limit: Duration

  var description: String { "waited \(limit) until \(what), in vain" }
}

enum Folder {
  /// Removes a folder and all in it.
  static func remove(_ path: String) {
    for name in names(in: path) where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
    rmdir(path)
  }

  /// Sorted, without those that begin with a dot.
  static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
