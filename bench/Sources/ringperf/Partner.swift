import CRingmaster
import Foundation
import Platform

/// The other side of a benchmark: a process of its own that runs this program again, or a thread.
///
/// It is given one task a round, waits at the gate, and works.
final class Partner {
  let gate: Gate
  private let gateName: String
  private let commands: FileHandle
  private let process: ChildProcess?
  private var round: UInt64 = 0

  /// - Parameters:
  ///   - cpus: that it may use.
  ///   - asThread: in this process, sharing its memory.
  static func start(cpus: [Int], asThread: Bool) throws -> Partner {
    let gateName = ObjectNames.next("gate")
    let gate = try Gate.create(name: gateName)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError.last("create a pipe") }
    let commands = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    let input = ends[0]
    // The process at the other end of the pipe must not hold its writing end too, or it would never see it closed.
    _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
    guard !asThread else {
      let thread = try NamedThread("ringperf-partner") {
        PartnerLoop.runOrExit(gateName: gateName, cpus: cpus, input: input)
      }
      thread.detach()
      return Partner(gate: gate, gateName: gateName, commands: commands, process: nil)
    }
    let process = try ChildProcess.start(
      [Executable.own, "partner", "--gate", gateName, "--cpus", CPUList(cpus).description], input: input, cpus: cpus)
    close(input)
    return Partner(gate: gate, gateName: gateName, commands: commands, process: process)
  }

  private init(gate: consuming Gate, gateName: String, commands: FileHandle, process: ChildProcess?) {
    self.gate = gate
    self.gateName = gateName
    self.commands = commands
    self.process = process
  }

  deinit {
    try? commands.close()
    process?.waitForEnd()
    SharedMemory.unlink(name: gateName)
  }

  /// Has the partner prepare a task; returns once it stands at the gate.
  func prepare(_ task: PartnerTask) throws {
    round += 1
    var task = task
    task.round = round
    try commands.write(contentsOf: JSONEncoder().encode(task) + Data("\n".utf8))
    gate.waitUntilReady(round: round)
  }

  /// Lets both sides begin.
  func begin() {
    gate.begin(round: round)
  }

  func waitUntilDone() {
    gate.waitUntilDone(round: round)
  }

  /// The partner's, of the last round.
  var interruptions: [Interruption] { gate.notedInterruptions }
}

/// Names of shared-memory objects, set apart from those of other runs.
enum ObjectNames {
  nonisolated(unsafe) private static var count = 0

  static let prefix = "/ringmaster.perf-\(Machine.processID())."

  /// Called by the main thread alone.
  static func next(_ kind: String) -> String {
    count += 1
    return "\(prefix)\(kind).\(count)"
  }

  /// Begins the names of this run's temporary folders.
  static let folderPrefix = "ringperf-\(Machine.processID())-"

  /// Removes what an error left behind.
  static func unlinkAll() {
    for name in SharedMemory.names(prefix: prefix) { SharedMemory.unlink(name: name) }
    let temporary = FileManager.default.temporaryDirectory
    let left = (try? FileManager.default.contentsOfDirectory(atPath: temporary.path)) ?? []
    for name in left where name.hasPrefix(folderPrefix) {
      try? FileManager.default.removeItem(at: temporary.appending(path: name))
    }
  }
}

/// What the other side of a benchmark does in one round.
struct PartnerTask: Codable, Sendable {
  enum Work: String, Codable, Sendable {
    /// Publishes `records`, in batches of `batch`, to each of `rings` in turn.
    case produce
    /// Sends back on `rings[1]` what comes on `rings[0]`.
    case answer
    /// Answers the bare cache-line ping-pong; `batch` 1 puts both words on one line.
    case bounce
    /// The same two over another design.
    case peerSend
    case peerAnswer
    /// Receives datagrams on the socket at `path` until told to stop, and drops them.
    case receiveDatagrams
  }

  var work: Work
  var round: UInt64 = 0
  var rings: [String] = []
  var records: UInt64 = 0
  var batch = 1
  /// `TickClock.interruption`.
  var interruptionTicks: UInt64 = .max
  /// Of a peer design.
  var design: Int32 = 0
  var capacity = 0
  /// Prefix of names in the file system.
  var path = ""
}
