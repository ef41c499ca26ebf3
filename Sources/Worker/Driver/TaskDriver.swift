import EventModel

/// Names one attempt of a task among all that ever were, on any machine and in any life of a cluster, so that nothing of
/// another life is taken for it.
///
/// A handle and an attempt's number may come again when a journal was thrown away (then the cluster's id differs) or put back
/// to an earlier state (then the time of assignment does).
public struct AttemptID: Hashable, Sendable, CustomStringConvertible {
  /// Of the cluster: 32 hexadecimal digits.
  public let cluster: String
  public let task: TaskHandle
  public let attempt: UInt32
  /// When the controller assigned it, in milliseconds since 1970 by its clock.
  public let assignedMs: Int64

  public init(cluster: String, task: TaskHandle, attempt: UInt32, assignedMs: Int64) {
    self.cluster = cluster
    self.task = task
    self.attempt = attempt
    self.assignedMs = assignedMs
  }

  /// CLUSTER-TASK-ATTEMPT-TIME in hexadecimal digits: part of the names of units and files.
  public var description: String {
    "\(cluster)-\(String(task.rawValue, radix: 16))-\(String(attempt, radix: 16))-\(String(assignedMs, radix: 16))"
  }

  /// - Returns: nil when it is no such name.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].utf8.count == 32, let task = UInt64(parts[1], radix: 16),
      let attempt = UInt32(parts[2], radix: 16), let assignedMs = Int64(parts[3], radix: 16)
    else { return nil }
    self.init(cluster: String(parts[0]), task: TaskHandle(rawValue: task), attempt: attempt, assignedMs: assignedMs)
    guard description == text else { return nil }
  }
}

/// What a driver needs to run an attempt. All of it was checked against the worker's own rules before.
public struct TaskLaunch: Sendable {
  public var id: AttemptID
  /// For people and for the log: the job's name and the task's index in it.
  public var job = ""
  public var index = 0
  /// The program and its arguments; of a script its interpreter and the script's own arguments are made from `script`.
  public var command: [String] = []
  /// Instead of a command: begins with #! or is given to /bin/sh.
  public var script: String?
  /// All of it, RINGMASTER_* too.
  public var environment: [Specification.Variable] = []
  public var workingDirectory: String?
  /// Nil: a user of its own where the driver has one, else the worker's.
  public var user: String?
  public var milliCPU: Int64 = 0
  /// 0: no limit.
  public var memoryBytes: Int64 = 0
  /// Processes and threads; nil: the driver's default.
  public var tasksMax: Int64?
  /// Nil: no limit.
  public var runTimeoutMs: Int64?
  public var stopTimeoutMs: Int64 = 10_000
  public var stopSignal: Int32 = 15
  /// Names of systemd credentials that it may read.
  public var credentials: [String] = []
  public var isStrict = false
  /// It runs on while its worker is cut off from the controller.
  public var runsOnWhenCutOff = false

  public init(id: AttemptID) {
    self.id = id
  }
}

/// How an attempt's process ended.
public struct TaskOutcome: Hashable, Sendable {
  public var reason: EndReason
  /// Of a process that exited.
  public var exitCode: Int32?
  /// What went wrong, for people: "killed by signal 9 (SIGKILL)", "cannot run /no/such: No such file or directory".
  public var error: String?
  public var peakMemoryBytes: Int64?
  public var cpuNs: UInt64?

  /// As a report has it: what is less than a millisecond counts as one.
  var cpuMs: Int64? { cpuNs.map { min(max(Int64(clamping: $0 / 1_000_000), 1), Limits.usage.upperBound) } }
  var peakMemoryToReport: Int64? { peakMemoryBytes.flatMap { Limits.usage.contains($0) ? $0 : nil } }

  public init(_ reason: EndReason, exitCode: Int32? = nil, error: String? = nil) {
    self.reason = reason
    self.exitCode = exitCode
    self.error = error
  }
}

/// How far an attempt is.
public enum TaskStatus: Hashable, Sendable {
  /// Asked for, and not seen to run yet.
  case starting
  case running
  /// Kept until it is released.
  case ended(TaskOutcome)
}

/// What a driver has to tell of an attempt.
public enum TaskChange: Hashable, Sendable {
  case status(AttemptID, TaskStatus)
  /// There is nothing of it any more: it was stopped, and its outcome is not kept by the driver, or it vanished.
  case gone(AttemptID)
}

/// Runs attempts, each at most once: what a driver has started outlives this process, and its name is taken until it is released.
///
/// Used by one thread. No call waits for a task; what comes of it, `changes` tells.
public protocol TaskDriver: AnyObject {
  /// "systemd" or "process".
  var name: String { get }
  /// Readable when `changes` has something to do.
  var descriptors: [Int32] { get }
  /// CLOCK_BOOTTIME at which `changes` must be called though no descriptor is readable; `.max` for never.
  var wakeNs: UInt64 { get }

  /// All attempts that exist here, of other clusters too.
  func list() throws -> [(id: AttemptID, status: TaskStatus)]
  /// Begins to start an attempt. One that exists already is not started again: its status comes as a change.
  func start(_ launch: TaskLaunch)
  /// Asks all of its processes to end by `signal`, and kills them after `timeoutMs`. Its end comes as a change, once no process
  /// is left. Again, with a shorter time, is fine.
  func stop(_ id: AttemptID, signal: Int32, timeoutMs: Int64)
  /// Sends a signal to all of its processes.
  func signal(_ id: AttemptID, _ signal: Int32) throws
  /// Forgets an attempt that ended: its name is free.
  func release(_ id: AttemptID)
  /// What happened since the last call, in order.
  func changes(nowNs: UInt64) throws -> [TaskChange]
}
