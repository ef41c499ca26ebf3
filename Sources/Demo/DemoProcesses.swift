import EventJSON
import Platform
import Synchronization

/// The processes of one demo, its folder and its shared-memory names. Everything goes again, however the demo ends.
final class DemoProcesses: Sendable {
  /// Sets the shared memory of this demo apart from that of others at the same time.
  let instance = "\(instancePrefix)\(Machine.processID())"
  let socketPath: String
  let ingestProcess = "ingest-udp"
  private let folder: TemporaryFolder
  private let logFolder: String
  private let running: Mutex<[ChildProcess]> = Mutex([])
  private static let instancePrefix = "demo-"
  private static let folderPrefix = "ringmaster-demo-"
  private static let dispatcher = "ringmasterd"
  private static let orderlyStopLimit = Duration.seconds(10)
  private static let casualtyLimit = Duration.milliseconds(500)
  private static let forcedStopLimit = Duration.seconds(3)

  init(options: DemoOptions) throws {
    Self.removeRemains()
    folder = try TemporaryFolder(prefix: "\(Self.folderPrefix)\(Machine.processID())")
    socketPath = "\(folder.path)/control.sock"
    logFolder = options.logFolder ?? folder.path
    try TemporaryFolder.ensure(logFolder)
  }

  /// Removes what demos left that were killed: their journals, and the rings that these keep.
  private static func removeRemains() {
    func isRemain(_ name: String, of prefix: String) -> Bool {
      guard name.hasPrefix(prefix), let pid = Int32(name.dropFirst(prefix.count).prefix { $0 != "." }) else {
        return false
      }
      return !Machine.processExists(pid)
    }
    let parent = TemporaryFolder.parent
    for name in (try? Folder.names(in: parent)) ?? [] where isRemain(name, of: folderPrefix) {
      Folder.removeTree("\(parent)/\(name)")
    }
    let shared = "/ringmaster.\(instancePrefix)"
    for name in SharedMemory.names(prefix: shared) where isRemain(name, of: shared) { SharedMemory.unlink(name: name) }
  }

  /// In the order they were started.
  var all: [ChildProcess] {
    running.withLock { $0 }
  }

  /// Starts a dispatcher, the first or one that goes on where the one before it was.
  func startDispatcher(workerTimeoutMs: Int64) async throws -> ChildProcess {
    try await start(
      Self.dispatcher,
      [
        Machine.sibling("ringmasterd"), "--socket", socketPath, "--instance", instance, "--worker-timeout",
        String(workerTimeoutMs), "--journal", journal,
      ])
  }

  private var journal: String {
    "\(folder.path)/journal"
  }

  /// What the archive writes.
  var database: String {
    "\(folder.path)/archive.sqlite"
  }

  func startArchive() async throws -> ChildProcess {
    try await start("archive", [Machine.sibling("ringmaster-archive"), "--journal", journal, "--database", database])
  }

  /// Kills a process and waits until it is gone.
  func kill(_ process: ChildProcess) async throws {
    running.withLock { running in running.removeAll { $0 === process } }
    process.kill()
    guard await process.waitForEnd(upTo: Self.forcedStopLimit) != nil else {
      throw DemoFailure("\(process.name) did not end within \(Self.forcedStopLimit) after SIGKILL")
    }
  }

  /// - Returns: the process; where it listens is the first thing it prints.
  func startIngest(options: DemoOptions) async throws -> ChildProcess {
    try await start(
      "ingest",
      [
        Machine.sibling("ringmaster-ingest"), "udp", "--listen", "127.0.0.1:0", "--socket", socketPath, "--instance",
        instance,
        "--ring-capacity", String(options.ingestRingCapacity),
      ])
  }

  func startFleet(options: DemoOptions, ingestAddress: String) async throws -> ChildProcess {
    let durations = DemoOptions.taskDurationMs
    return try await start(
      "fleet",
      [
        Machine.executablePath(), "fleet", "--socket", socketPath, "--ingest", ingestAddress,
        "--workers", String(options.workers), "--interval", "\(options.intervalMs)ms",
        "--cpu", String(DemoOptions.cpusPerWorker),
        "--task-duration-min", "\(durations.lowerBound)ms", "--task-duration-max", "\(durations.upperBound)ms",
        "--heartbeats-per-datagram", String(DemoOptions.heartbeatsPerDatagram),
      ])
  }

  /// A worker that runs real programs, the first or one that takes up what the one before it ran.
  ///
  /// - Parameter device: the one thing that its tasks can hold, so that no other job comes to it.
  func startWorker(_ name: String, device: String) async throws -> ChildProcess {
    let settings = "\(folder.path)/worker.toml"
    if !Folder.fileExists(settings) {
      let file = try File.create(settings)
      try file.append(
        "name = \"\(name)\"\ncpu = 0\nmemory = \"0\"\ndevices = { \(device) = 1 }\ndriver = \"process\"\nallow_root = true\n"
      )
    }
    return try await start(
      "worker",
      [
        Machine.sibling("ringmaster-worker"), "run", "--socket", socketPath, "--config", settings, "--state",
        workerFolder, "--runtime", workerFolder,
      ])
  }

  private var workerFolder: String { "\(folder.path)/worker" }
  /// The program of the demo ends when this is there.
  var programMayEnd: String { "\(folder.path)/may-end" }

  func letProgramEnd() throws {
    _ = try File.create(programMayEnd)
  }

  /// What the tasks of the worker have written.
  var programOutput: [String] {
    let running = (try? Folder.names(in: "\(workerFolder)/tasks")) ?? []
    let ended = (try? Folder.names(in: "\(workerFolder)/logs")) ?? []
    let paths = running.map { "\(workerFolder)/tasks/\($0)/output" } + ended.map { "\(workerFolder)/logs/\($0)" }
    return paths.flatMap { TextFile.tail($0, bytes: 4096).split(separator: "\n").map(String.init) }
  }

  /// A process that has ended though nobody asked it to; nil when all run.
  var casualty: ChildProcess? {
    all.first { $0.end != nil }
  }

  /// The processes that have ended though nobody asked them to.
  ///
  /// The end of the dispatcher ends the others, and may be seen after theirs: it is waited for, and named first.
  func casualties() async -> [ChildProcess] {
    let dispatchersFirst = all.filter { $0.name == Self.dispatcher } + all.filter { $0.name != Self.dispatcher }
    _ = await dispatchersFirst.first?.waitForEnd(upTo: Self.casualtyLimit)
    return dispatchersFirst.filter { $0.end != nil }
  }

  /// Asks one process to end and waits until it has, with exit code 0.
  func stop(_ process: ChildProcess) async throws {
    process.terminate()
    let end = await process.waitForEnd(upTo: Self.orderlyStopLimit)
    running.withLock { running in running.removeAll { $0 === process } }
    guard let end else {
      process.kill()
      throw DemoFailure(
        "\(process.name) did not end within \(Self.orderlyStopLimit) after SIGTERM", logTail: process.logTail())
    }
    guard end == .code(0) else {
      throw DemoFailure("\(process.name) \(end), expected exit code 0", logTail: process.logTail())
    }
  }

  /// Ends whatever still runs, by force if it must be, newest first, and removes every trace.
  ///
  /// - Returns: shared-memory objects that were left over; an orderly end leaves none.
  func removeAll() async -> [String] {
    let processes = Array(all.reversed())
    for process in processes {
      process.terminate()
      if await process.waitForEnd(upTo: Self.forcedStopLimit) == nil {
        process.kill()
        _ = await process.waitForEnd(upTo: Self.forcedStopLimit)
      }
    }
    running.withLock { $0.removeAll() }
    let leftovers = SharedMemory.names(prefix: "/ringmaster.\(instance).")
    for name in leftovers { SharedMemory.unlink(name: name) }
    folder.remove()
    return leftovers
  }

  private func start(_ name: String, _ command: [String]) async throws -> ChildProcess {
    guard Environment.isExecutable(command[0]) else {
      throw DemoFailure("\(command[0]) is not there: build the whole package first: swift build -c release")
    }
    let launcher = [Machine.executablePath(), "child", "--parent", String(Machine.processID()), "--"]
    let process = try await ChildProcess.start(
      name: name, arguments: launcher + command, logPath: "\(logFolder)/\(name).log")
    running.withLock { $0.append(process) }
    return process
  }
}
