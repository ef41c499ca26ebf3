import CTaskLaunch
import EventModel

/// What the shim reads to run an attempt, as bytes.
struct LaunchFile {
  /// Whom the task runs as, when not as the worker.
  struct User {
    var uid: UInt32
    var gid: UInt32
    var groups: [UInt32]
  }

  private(set) var bytes: [UInt8] = Array(RM_LAUNCH_MARK.utf8)

  /// - Parameters:
  ///   - start: names this start of the shim.
  ///   - cgroup: the path of a control group of its own, to be made.
  init(_ launch: TaskLaunch, start: String, user: User?, leaseFile: String, cgroup: String?) {
    add(RM_LAUNCH_START, start)
    add(RM_LAUNCH_ID, launch.id.description)
    if let script = launch.script {
      add(RM_LAUNCH_SCRIPT, script)
    } else {
      for word in launch.command { add(RM_LAUNCH_ARGUMENT, word) }
    }
    for variable in launch.environment where variable.name != RM_TASK_MARKER {
      add(RM_LAUNCH_VARIABLE, "\(variable.name)=\(variable.value)")
    }
    add(RM_LAUNCH_VARIABLE, Self.marker(launch.id))
    if let folder = launch.workingDirectory { add(RM_LAUNCH_FOLDER, folder) }
    if let user { add(RM_LAUNCH_USER, ([user.uid, user.gid] + user.groups).flatMap(Self.bytes)) }
    if !launch.runsOnWhenCutOff { add(RM_LAUNCH_LEASE, leaseFile) }
    if let cgroup { add(RM_LAUNCH_CGROUP, cgroup) }
    add(RM_LAUNCH_MEMORY, launch.memoryBytes)
    add(RM_LAUNCH_TASKS, launch.tasksMax ?? 0)
    add(RM_LAUNCH_MILLICPU, launch.milliCPU)
    add(RM_LAUNCH_RUN_TIMEOUT_MS, launch.runTimeoutMs ?? 0)
    add(RM_LAUNCH_STOP_TIMEOUT_MS, launch.stopTimeoutMs)
    add(RM_LAUNCH_STOP_SIGNAL, Int64(launch.stopSignal))
    add(RM_LAUNCH_END, [])
  }

  /// What all processes of an attempt have in their environment, so that they are found when their shim was killed.
  static func marker(_ id: AttemptID) -> String {
    "\(RM_TASK_MARKER)=\(id)"
  }

  private mutating func add(_ kind: rm_launch_kind, _ text: String) {
    add(kind, Array(text.utf8))
  }

  private mutating func add(_ kind: rm_launch_kind, _ number: Int64) {
    // The shim refuses what is negative: 0 has the same meaning.
    add(kind, Self.bytes(UInt64(max(number, 0))))
  }

  private mutating func add(_ kind: rm_launch_kind, _ value: [UInt8]) {
    bytes += Self.bytes(kind.rawValue) + Self.bytes(UInt32(clamping: value.count)) + value
  }

  private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number) { Array($0) }
  }
}
