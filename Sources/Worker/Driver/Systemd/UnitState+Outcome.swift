import EventModel

extension UnitState {
  private enum Code {
    static let exited: UInt64 = 1
    static let killed: UInt64 = 2
    static let dumped: UInt64 = 3
  }

  /// How a unit that is loaded ended: by what its main process did, and never by the result of its job.
  ///
  /// - Parameter stopAsked: the driver asked it to end.
  func outcome(stopAsked: Bool) -> TaskOutcome {
    var outcome = TaskOutcome(.unknown, error: "systemd says \(active), \(result)")
    switch (result, mainCode) {
    case ("oom-kill", _):
      outcome = TaskOutcome(.oom, error: "killed: not enough memory")
    case ("timeout", _) where activeSinceUs == 0:
      outcome = TaskOutcome(.startFailed, error: "cannot run \(program): it took too long to start")
    case ("timeout", _):
      outcome = TaskOutcome(.timeout, error: "ran longer than it may")
    case (_, Code.exited) where activeSinceUs == 0 && ExecStep(status: mainStatus) != nil:
      outcome = TaskOutcome(.startFailed, error: ExecStep(status: mainStatus)?.failure(of: self))
    // A task's own end leaves its unit active or failed.
    case (_, Code.exited) where active == "inactive" && !stopAsked,
      (_, Code.killed) where active == "inactive" && !stopAsked:
      outcome = TaskOutcome(.unknown, error: "its unit was stopped by somebody else")
    case (_, Code.exited):
      outcome = TaskOutcome(stopAsked ? .stopped : .exited, exitCode: Int32(truncatingIfNeeded: mainStatus))
    case (_, Code.killed), (_, Code.dumped):
      let signal = Int32(truncatingIfNeeded: mainStatus)
      let dumped = mainCode == Code.dumped ? ", and left a core dump" : ""
      outcome = TaskOutcome(stopAsked ? .stopped : .signal, error: "killed by \(SignalName.text(signal))\(dumped)")
    case ("resources", _):
      outcome = TaskOutcome(.startFailed, error: "cannot run \(program): systemd ran out of resources, or of access")
    default: break
    }
    outcome.cpuNs = cpuNs
    outcome.peakMemoryBytes = peakMemoryBytes
    return outcome
  }
}
