// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

/// The state of a task, and of each of its attempts. The raw value is the wire value.
@frozen
public enum TaskState: UInt8, NamedCode, BitwiseCopyable {
  /// Waits for a worker.
  case pending = 0
  /// Has a worker, which has not begun.
  case assigned = 1
  /// Its worker prepares it.
  case building = 2
  /// Its process runs.
  case running = 3
  /// Ended well.
  case succeeded = 4
  /// Ended badly.
  case failed = 5
  /// Was stopped because its job was cancelled or ended.
  case killed = 6
  /// Its worker was lost too often.
  case workerFailed = 7
  /// Found no worker before its deadline.
  case unschedulable = 8
  /// Was preempted too often.
  case preempted = 9
  /// Another member of its gang failed.
  case coscheduledFailed = 10

  /// As text has it.
  public var name: String {
    switch self {
    case .pending: "PENDING"
    case .assigned: "ASSIGNED"
    case .building: "BUILDING"
    case .running: "RUNNING"
    case .succeeded: "SUCCEEDED"
    case .failed: "FAILED"
    case .killed: "KILLED"
    case .workerFailed: "WORKER_FAILED"
    case .unschedulable: "UNSCHEDULABLE"
    case .preempted: "PREEMPTED"
    case .coscheduledFailed: "COSCHED_FAILED"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// How the process of an attempt ended, as its worker says. The raw value is the wire value.
@frozen
public enum EndReason: UInt8, NamedCode, BitwiseCopyable {
  /// By itself.
  case exited = 1
  /// By a signal that neither its worker nor the controller sent.
  case signal = 2
  /// Killed because there was not enough memory.
  case oom = 3
  /// Ran longer than it may.
  case timeout = 4
  /// Stopped by its worker, as it was asked to.
  case stopped = 5
  /// Could not be started.
  case startFailed = 6
  /// Its worker did not take it.
  case refused = 7
  /// Stopped by its worker, which was cut off.
  case fenced = 8
  /// It is not known.
  case unknown = 9

  /// As text has it.
  public var name: String {
    switch self {
    case .exited: "exited"
    case .signal: "signal"
    case .oom: "oom"
    case .timeout: "timeout"
    case .stopped: "stopped"
    case .startFailed: "start_failed"
    case .refused: "refused"
    case .fenced: "fenced"
    case .unknown: "unknown"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// What becomes of a submission when there is a job of its name. The raw value is the wire value.
@frozen
public enum IfExists: UInt8, NamedCode, BitwiseCopyable {
  /// It is refused.
  case reject = 0
  /// A job that is over makes way for it.
  case replaceFinished = 1
  /// It is ignored.
  case keep = 2

  /// As text has it.
  public var name: String {
    switch self {
    case .reject: "reject"
    case .replaceFinished: "replace_finished"
    case .keep: "keep"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// What a worker does with a task while it is cut off from the controller. The raw value is the wire value.
@frozen
public enum WhenCutOff: UInt8, NamedCode, BitwiseCopyable {
  /// Stops it before it can be started elsewhere.
  case stop = 1
  /// Lets it run on.
  case runOn = 2

  /// As text has it.
  public var name: String {
    switch self {
    case .stop: "stop"
    case .runOn: "continue"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// How far a task is kept from the machine that it runs on. The raw value is the wire value.
@frozen
public enum Sandbox: UInt8, NamedCode, BitwiseCopyable {
  /// It gains no privileges and sees nothing of other tasks or of the controller.
  case standard = 1
  /// Further, it writes to its own folders alone and has no devices.
  case strict = 2

  /// As text has it.
  public var name: String {
    switch self {
    case .standard: "default"
    case .strict: "strict"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}
