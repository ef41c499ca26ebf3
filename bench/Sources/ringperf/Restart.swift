import ArgumentParser
import EventJSON
import EventModel
import Foundation
import Platform
import RingmasterClient

struct RestartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "From the start of a dispatcher on its journal to a client's first durable result.",
    discussion: """
      Writes a journal with that many workers and RUNNING tasks, a snapshot of them, and some events behind it; then, \
      each round, starts ringmasterd on it, attaches a client, publishes an event, and takes the time from the making of \
      the process to the event's durable result. Each round ends with SIGKILL.

      JSON: restart_ms, snapshot_bytes.
      """)

  @Option(help: "Workers in the snapshot.")
  var workers = 100_000

  @Option(help: "Tasks in the snapshot, all RUNNING.")
  var tasks = 100_000

  @Option(help: "Events in the journal behind the snapshot.")
  var tail = 1000

  @Option(help: ArgumentHelp("Where to write the journal.", valueName: "folder"))
  var folder = FileManager.default.temporaryDirectory.path

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--workers", workers, in: 1...2_000_000)
    try expect("--tasks", tasks, in: 0...4_000_000)
    try expect("--tail", tail, in: 0...10_000_000)
  }

  func run() throws {
    let fixture = try JournalFixture(workers: workers, tasks: tasks, tailEvents: tail, parent: folder)
    let benchmark = try RestartBenchmark(fixture)
    let times = try Rounds.figures(rounds, arms: [0]) { _ in try benchmark.round() }[0]
    var report = Report(
      "restart", rounds,
      [.init("workers", .integer(workers)), .init("tasks", .integer(tasks)), .init("tail", .integer(tail))])
    report.rows = [
      Row("from the process's making to a durable result", "restart_ms", times, .milliseconds),
      Row("snapshot", "snapshot_bytes", [Double(fixture.snapshotBytes)], .bytes),
    ]
    try report.publish(output)
  }
}

/// How long a dispatcher that starts on a journal takes until a client has its first durable result: from the moment in
/// which the process is made, with all that a start has, to the result on the client's ring.
///
/// Each round ends with SIGKILL, so that the next one begins as after a crash. The journal's files are in the page cache.
final class RestartBenchmark {
  private let fixture: JournalFixture
  private let instance = "perf-\(Machine.processID())-restart"
  private let socketFolder: TemporaryFolder
  private var rounds = 0

  private static let limitNs: UInt64 = 60_000_000_000
  private static let pollUs: Int64 = 100

  init(_ fixture: JournalFixture) throws {
    self.fixture = fixture
    socketFolder = try TemporaryFolder(prefix: "\(ObjectNames.folderPrefix)restart")
  }

  deinit {
    socketFolder.remove()
    for name in SharedMemory.names(prefix: "/ringmaster.\(instance).") { SharedMemory.unlink(name: name) }
    unlink("/dev/shm/ringmaster.\(instance).lock")
  }

  /// - Returns: milliseconds.
  func round() throws -> Double {
    rounds += 1
    let socketPath = "\(socketFolder.path)/control.sock"
    unlink(socketPath)
    let never = try Doorbell()
    let startNs = Clock.monotonicNs()
    let process = try ChildProcess.startUnpinned([
      try Executable.sibling("ringmasterd"), "--socket", socketPath, "--instance", instance, "--journal",
      fixture.folder, "--worker-timeout", "86400000", "--reattach-timeout", "1", "--log-level", "error",
    ])
    defer { process.kill() }
    var options = AttachOptions(role: .control, name: "ringperf-restart")
    options.timeoutMs = Int(Self.limitNs / 1_000_000)
    // It listens before it reads its journal, and answers when it is ready.
    while (try? PacketSocket.connect(path: socketPath)) == nil {
      guard Clock.monotonicNs() - startNs < Self.limitNs else { throw BenchmarkError("ringmasterd does not listen") }
      _ = Poll.readable(never.descriptor.raw, timeoutUs: Self.pollUs)
    }
    var peer = try Attachment.attach(path: socketPath, options: options)
    let event = Event.workerRegistered(
      "probe-\(rounds)", address: "10.0.0.1:1", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000)))
    guard let id = try peer.submission.publish(event, wantsResult: true) else { throw ClientError.ringFull }
    peer.submission.flush()
    while true {
      if case .result(let result)? = try peer.results.next(), result.event.id == id {
        guard result.promise == .durable, result.transaction?.outcome == .applied else {
          throw BenchmarkError("the first event came to \(result)")
        }
        break
      }
      guard Clock.monotonicNs() - startNs < Self.limitNs else { throw BenchmarkError("the first event has no result") }
      guard peer.results.park() else { continue }
      _ = Poll.readable(peer.results.descriptor, timeoutUs: 10_000)
      peer.results.unpark()
    }
    return Double(Clock.monotonicNs() - startNs) / 1e6
  }
}
