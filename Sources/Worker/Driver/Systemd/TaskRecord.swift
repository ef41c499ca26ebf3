/// What a driver knows of an attempt.
struct TaskRecord {
  enum Phase {
    /// Behind others: systemd does not know it yet.
    case waiting(TaskLaunch)
    /// systemd was asked to start it, and has not said that it is there.
    case asked(TaskLaunch)
    /// systemd has a unit of it.
    case there
    /// It ended, and so did all of its processes. The unit may be gone already.
    case ended
    /// Forgotten here; systemd is to forget it too.
    case released
  }

  var phase: Phase
  var unit = UnitState()
  /// What the worker was told last.
  var reported: TaskStatus?
  var stopAsked = false
  /// It is being killed.
  var ending: Ending?
  /// Its main process ended: systemd was asked what it used and left.
  var isSettling = false
  /// The job that stops what is released.
  var job: String?
  /// systemd said that it would start it.
  var isAccepted = false
  /// How often it was not, because it reloaded meanwhile.
  var refusals = 0
  /// The result of its job, where that did not start it.
  var jobFailure: String?

  struct Ending {
    var signal: Int32
    /// From then on it is SIGKILL.
    var deadlineNs: UInt64
    var isSent = false
    /// When to look, or to kill, again.
    var nextNs: UInt64
    /// Between two looks at what is left of a task whose main process ended.
    var pauseNs: UInt64 = 2_000_000
  }

  init(_ phase: Phase) {
    self.phase = phase
  }

  var isEnded: Bool { if case .ended = phase { true } else { false } }
  var isReleased: Bool { if case .released = phase { true } else { false } }

  /// What was asked of systemd, while it is not known to have a unit of it.
  var unconfirmed: TaskLaunch? {
    if case .asked(let launch) = phase { launch } else { nil }
  }

  var isUnseen: Bool {
    switch phase {
    case .waiting, .asked: true
    default: false
    }
  }
}
