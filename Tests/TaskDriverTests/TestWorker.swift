import EventModel
import Glibc
import Platform
import Testing

@testable import Worker

/// A driver over a folder of its own, and the deadlines of a test.
final class TestWorker {
  static let products: String = {
    let file = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return file.joined(separator: "/") + "/.build/debug"
  }()
  static let shim = "\(products)/ringmaster-task"
  static let patienceNs: UInt64 = 30_000_000_000

  let folder: TemporaryFolder
  /// Another for each test: processes are found by it.
  let cluster: String
  var driver: ProcessDriver
  private(set) var seen: [TaskChange] = []

  var tasks: String { "\(folder.path)/tasks" }
  var lease: String { "\(folder.path)/lease" }

  init(shim: String = TestWorker.shim, cgroup: DelegatedCgroup? = nil, leaseNs: UInt64 = 3_600_000_000_000) throws {
    folder = try TemporaryFolder(prefix: "taskdriver")
    let number = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    cluster = String(repeating: "0", count: 32 - number.utf8.count) + number
    let lease = "\(folder.path)/lease"
    Self.write(lease, deadlineNs: Clock.bootNs() + leaseNs)
    driver = try ProcessDriver(folder: "\(folder.path)/tasks", shim: shim, leaseFile: lease, cgroup: cgroup)
  }

  deinit {
    // What a failed test left running.
    for (id, status) in (try? driver.list()) ?? [] {
      if case .ended = status { continue }
      driver.stop(id, signal: SIGKILL, timeoutMs: 0)
      _ = try? end(id)
    }
    for pid in left { waitpid(pid, nil, WNOHANG) }
    folder.remove()
  }

  /// Shims of the drivers before, which may end while there is none: a worker that is killed leaves them to init, and here they
  /// are this process's own. One that no one reaps keeps exit tests from their end.
  private var left: [Int32] = []

  private func noteShims() {
    for descriptor in driver.records.values.compactMap(\.shim) {
      let lines = TextFile.head("/proc/self/fdinfo/\(descriptor)").split(separator: "\n")
      left += lines.compactMap { $0.hasPrefix("Pid:") ? Int32($0.split(separator: "\t").last ?? "") : nil }
    }
  }

  /// Another life of the worker.
  func restart(cgroup: DelegatedCgroup? = nil) throws {
    noteShims()
    driver = try ProcessDriver(folder: tasks, shim: Self.shim, leaseFile: lease, cgroup: cgroup)
    seen = []
  }

  static func write(_ lease: String, deadlineNs: UInt64) {
    var deadline = deadlineNs
    let file = open(lease, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    pwrite(file, &deadline, 8, 0)
    close(file)
  }

  func id(_ task: Int) -> AttemptID {
    AttemptID(cluster: cluster, task: TaskHandle(rawValue: UInt64(task)), attempt: 0, assignedMs: 1)
  }

  func launch(_ task: Int, _ script: String) -> TaskLaunch {
    launch(task, command: ["sh", "-c", script])
  }

  func launch(_ task: Int, command: [String]) -> TaskLaunch {
    var launch = TaskLaunch(id: id(task))
    launch.command = command
    launch.environment = [
      Specification.Variable(name: "PATH", value: "/usr/bin:/bin"),
      Specification.Variable(name: "F", value: folder.path),
    ]
    return launch
  }

  /// Starts it and waits for its end.
  func run(_ launch: TaskLaunch) throws -> TaskOutcome {
    seen.removeAll { if case .status(launch.id, _) = $0 { true } else { false } }
    driver.start(launch)
    return try end(launch.id)
  }

  func end(_ id: AttemptID) throws -> TaskOutcome {
    let change = try awaitChange { change in
      if case .status(id, .ended) = change { true } else { false }
    }
    guard case .status(_, .ended(let outcome)) = change else { throw Late() }
    return outcome
  }

  func untilRunning(_ id: AttemptID) throws {
    _ = try awaitChange { $0 == .status(id, .running) }
  }

  struct Late: Error {}

  /// Waits on the driver's descriptors until a change that fits was told, now or before.
  func awaitChange(_ fits: (TaskChange) -> Bool) throws -> TaskChange {
    let deadline = Clock.bootNs() + Self.patienceNs
    var looked = 0
    while true {
      while looked < seen.count {
        if fits(seen[looked]) { return seen[looked] }
        looked += 1
      }
      let now = Clock.bootNs()
      guard now < deadline else { throw Late() }
      let wake = min(driver.wakeNs, deadline)
      _ = Poll.readable(driver.descriptors, timeoutMs: wake > now ? Int32((wake - now) / 1_000_000) + 1 : 0)
      seen += try driver.changes(nowNs: Clock.bootNs())
    }
  }

  func status(_ id: AttemptID) throws -> TaskStatus? {
    try driver.list().first { $0.id == id }?.status
  }

  func output(_ id: AttemptID) -> String {
    text("\(tasks)/\(id)/output")
  }

  func text(_ path: String) -> String {
    String(decoding: (try? TextFile.contents(path, maximumBytes: 1 << 24)) ?? [], as: UTF8.self)
  }

  /// The pid of the shim, as the kernel knows the holder of its lock.
  func shimPID(_ id: AttemptID) -> Int32? {
    if case .held(let pid, _) = TaskFolder(id, in: tasks).look() { pid } else { nil }
  }
}

/// A FIFO by which a task tells a test that it is somewhere, and which ends when all of its processes have.
struct Signpost: ~Copyable {
  let path: String
  private let descriptor: FileDescriptor

  init(_ path: String) throws {
    self.path = path
    guard mkfifo(path, 0o600) == 0 else { throw SystemError.last("make \(path)") }
    descriptor = FileDescriptor(owning: open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
  }

  /// The next line that a task writes; empty when all that held the FIFO have ended.
  func line() throws -> String {
    var text: [UInt8] = []
    let deadline = Clock.bootNs() + TestWorker.patienceNs
    while Clock.bootNs() < deadline {
      guard Poll.readable(descriptor.raw, timeoutUs: 1_000_000) else { continue }
      var byte: UInt8 = 0
      let count = read(descriptor.raw, &byte, 1)
      if count < 0 { continue }
      if count == 0 || byte == UInt8(ascii: "\n") { return String(decoding: text, as: UTF8.self) }
      text.append(byte)
    }
    throw TestWorker.Late()
  }
}
