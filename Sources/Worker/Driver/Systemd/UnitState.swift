/// What systemd says of a unit, as far as a driver needs it.
struct UnitState: Hashable {
  /// "active", "failed" and so on; empty: not known yet.
  var active = ""
  var sub = ""
  var load = ""
  var result = ""
  /// How the main process ended: CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: it did not.
  var mainCode: UInt64 = 0
  var mainStatus: UInt64 = 0
  /// When there was a process; 0: there was none.
  var startedUs: UInt64 = 0
  /// When the program was executed; 0: it was not.
  var activeSinceUs: UInt64 = 0
  var program = ""
  var folder = ""
  var user = ""
  var stopSignal: Int32 = 15
  var stopTimeoutUs: UInt64 = 10_000_000
  var cpuNs: UInt64?
  var peakMemoryBytes: Int64?

  init() {}

  /// What systemd will say of it, once it is asked.
  init(_ launch: TaskLaunch, unit: String) {
    program = TaskCommand(launch, unit: unit).path
    folder = launch.workingDirectory ?? ""
    user = launch.user ?? ""
    stopSignal = launch.stopSignal
    stopTimeoutUs = UInt64(max(launch.stopTimeoutMs, 0)) &* 1000
  }

  mutating func take(_ name: String, _ value: PropertyValue) {
    switch (name, value) {
    case ("ActiveState", .text(let text)): active = text
    case ("SubState", .text(let text)): sub = text
    case ("LoadState", .text(let text)): load = text
    case ("Result", .text(let text)): result = text
    case ("ExecMainCode", .number(let number)): mainCode = number
    case ("ExecMainStatus", .number(let number)): mainStatus = number
    case ("ExecMainStartTimestampMonotonic", .number(let number)): startedUs = number
    case ("ActiveEnterTimestampMonotonic", .number(let number)): activeSinceUs = number
    case ("ExecStart", .text(let text)): program = text
    case ("WorkingDirectory", .text(let text)): folder = text.hasPrefix("!") ? String(text.dropFirst()) : text
    case ("User", .text(let text)): user = text
    case ("KillSignal", .number(let number)): stopSignal = Int32(truncatingIfNeeded: number)
    case ("TimeoutStopUSec", .number(let number)): stopTimeoutUs = number
    case ("CPUUsageNSec", .number(let number)): cpuNs = number == .max ? nil : number
    default: break
    }
  }

  enum Stage {
    case starting, running
    /// Its main process ended, or never came to be. Other processes may be left.
    case ended
    /// Between these, or not there.
    case unclear
  }

  /// There is no process yet; a job to start it may wait.
  var isToStart: Bool { stage == .unclear && active != "deactivating" }

  var stage: Stage {
    switch active {
    case "activating": .starting
    case "active": sub == "exited" ? .ended : .running
    case "failed": .ended
    // Something else than its driver stopped it. It is about to be unloaded, but it has said how it ended.
    case "inactive" where mainCode != 0: .ended
    default: .unclear
    }
  }
}
