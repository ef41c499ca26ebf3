import EventModel
import Platform

/// What a worker lets jobs do here.
public struct WorkerPolicy: Sendable, Equatable {
  /// Users that jobs may name; nil lets them name any but root.
  public var users: [String]?
  public var allowsRoot = false
  /// Names of credentials that jobs may read.
  public var credentials: Set<String> = []

  public init() {}

  /// Why a user may not be taken; nil when it may.
  func refusal(of user: String) -> String? {
    if user == "root" || Machine.userID(user) == 0 {
      return allowsRoot ? nil : "this worker runs nothing as root: allow_root is not set in its file"
    }
    guard let users, !users.contains(user) else { return nil }
    return
      "this worker runs nothing as '\(user)': its file allows \(users.isEmpty ? "no users" : users.joined(separator: ", "))"
  }
}

/// From what a job says to what a driver needs.
struct LaunchPlan {
  let job: JobView
  let specification: Specification
  let worker: String
  let policy: WorkerPolicy
  /// Its driver gives tasks no users of their own.
  let runsAsWorker: Bool

  private static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  private static let usualStopMs: Int64 = 10_000

  /// - Parameter longestMs: that a stop may take here.
  func stop(atMostMs longestMs: Int64) -> AttemptBook.StopWay {
    AttemptBook.StopWay(
      signal: specification.stopSignal.flatMap { SignalName.number(of: $0) } ?? SignalName.terminate,
      timeoutMs: min(specification.stopTimeoutMs ?? Self.usualStopMs, longestMs),
      runsOnWhenCutOff: specification.whenCutOff == .runOn)
  }

  /// How an attempt ends that cannot be started; nil when it can.
  var refusal: TaskOutcome? {
    guard specification.hasProgram else {
      return TaskOutcome(.startFailed, error: "the job has neither a command nor a script: there is nothing to run")
    }
    if let signal = specification.stopSignal, SignalName.number(of: signal) == nil {
      return TaskOutcome(.startFailed, error: "stop_signal: expected a signal such as SIGTERM, got '\(signal)'")
    }
    if let folder = specification.workingDirectory, !folder.hasPrefix("/") {
      return TaskOutcome(.startFailed, error: "working_directory: expected a path from the root, got '\(folder)'")
    }
    // systemd writes these into a file that it reads again, where a line break begins another setting.
    let path = specification.environment.first { $0.name == "PATH" }?.value
    for (name, text) in [
      ("working_directory", specification.workingDirectory), ("user", specification.user), ("PATH", path),
    ] {
      guard let text else { continue }
      if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) || text.hasSuffix("\\") {
        return TaskOutcome(.startFailed, error: "\(name): expected no control characters and no backslash at the end")
      }
    }
    if let name = specification.credentials.first(where: { !policy.credentials.contains($0) }) {
      return TaskOutcome(
        .refused, error: "this worker lets no job read the credential '\(name)': its file does not name it")
    }
    guard let user = specification.user else {
      return runsAsWorker && !policy.allowsRoot && Machine.effectiveUserID() == 0
        ? TaskOutcome(
          .refused, error: "without a user of its own it would run as root: allow_root is not set in this worker's file"
        )
        : nil
    }
    return policy.refusal(of: user).map { TaskOutcome(.refused, error: $0) }
  }

  func launch(_ id: AttemptID, index: Int, _ stop: AttemptBook.StopWay) -> TaskLaunch {
    var launch = TaskLaunch(id: id)
    (launch.job, launch.index) = (job.name, index)
    (launch.command, launch.script) = (specification.command, specification.script)
    launch.environment = environment(id, index: index)
    launch.workingDirectory = specification.workingDirectory
    launch.user = specification.user
    launch.milliCPU = job.request.resources.milliCPU
    launch.memoryBytes = job.request.resources.memoryBytes
    launch.tasksMax = specification.tasksMax
    launch.runTimeoutMs = job.request.runTimeoutMs > 0 ? job.request.runTimeoutMs : nil
    (launch.stopSignal, launch.stopTimeoutMs) = (stop.signal, stop.timeoutMs)
    launch.credentials = specification.credentials
    launch.isStrict = specification.sandbox == .strict
    launch.runsOnWhenCutOff = stop.runsOnWhenCutOff
    return launch
  }

  private func environment(_ id: AttemptID, index: Int) -> [Specification.Variable] {
    var variables = specification.environment
    func add(_ name: String, _ value: String, replaces: Bool) {
      if let place = variables.firstIndex(where: { $0.name == name }) {
        if replaces { variables[place] = Specification.Variable(name: name, value: value) }
      } else {
        variables.append(Specification.Variable(name: name, value: value))
      }
    }
    add("PATH", Self.standardPath, replaces: false)
    add("RINGMASTER_JOB", job.name, replaces: true)
    add("RINGMASTER_TASK_INDEX", "\(index)", replaces: true)
    add("RINGMASTER_REPLICAS", "\(job.taskCount)", replaces: true)
    add("RINGMASTER_ATTEMPT", "\(id.attempt)", replaces: true)
    add("RINGMASTER_ATTEMPT_ID", "\(id)", replaces: true)
    add("RINGMASTER_WORKER", worker, replaces: true)
    return variables
  }
}
