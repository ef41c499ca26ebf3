import EventModel

/// What a worker knows of its attempts, and what has to be done next: no clock, no file, no process.
///
/// An attempt is started only while the controller has it ASSIGNED here and nothing of it exists, and forgotten only once the
/// controller has its end. So whatever dies in between, it runs once.
struct AttemptBook {
  enum Phase: Equatable {
    /// Its job's specification was asked for.
    case fetching
    case starting
    case running
    /// The driver was asked to stop it.
    case stopping
    /// The controller is to be told.
    case ended(TaskOutcome)
    /// The controller was told, and has not answered.
    case reported(TaskOutcome)
  }

  struct Entry {
    let id: AttemptID
    var job: JobHandle
    var index: Int
    var phase: Phase
    /// How it is stopped.
    var stop = StopWay()
    /// Why this worker had it stopped; nil when it ended by itself.
    var stopReason: EndReason?
    /// The controller was told that it waits for room.
    var isHeld = false
    /// The controller has ended it, and waits to hear that it stopped.
    var isOver = false
    /// The controller does not have it here: nothing of it is reported.
    var isOrphan = false
    /// The controller has said that it has this very attempt here: of another life of the cluster, an attempt may have the same
    /// handle and number.
    var isConfirmed = false
    /// When it was noted, as `AttemptBook.sequence`.
    fileprivate var since: UInt64
  }

  /// How a task is stopped, and when.
  struct StopWay: Equatable {
    var signal: Int32 = 15
    var timeoutMs: Int64 = 10_000
    var runsOnWhenCutOff = false
  }

  /// What has to be done, in order.
  enum Order: Equatable {
    case fetch(JobHandle)
    case stop(AttemptID, StopWay)
    /// Before it is reported: it is to outlive this process and the machine.
    case keep(AttemptID, TaskOutcome)
    case report(AttemptID, Event.Body)
    /// A report whose answer means nothing.
    case tell(Event.Body)
    case release(AttemptID)
  }

  private(set) var entries: [AttemptID: Entry] = [:]
  private(set) var orders: [Order] = []
  /// Of the cluster that this worker is attached to; nil before it was for the first time.
  private(set) var cluster: String?
  private var sequence: UInt64 = 0

  mutating func takeOrders() -> [Order] {
    defer { orders.removeAll() }
    return orders
  }

  /// Attempts whose processes may run.
  var liveCount: Int {
    entries.values.count { [.starting, .running, .stopping].contains($0.phase) }
  }

  /// Nothing that the controller has given up may run; or something runs that it has here, and must not wait for that.
  var mayRegister: Bool {
    let live = entries.values.filter { [.starting, .running, .stopping].contains($0.phase) }
    return live.allSatisfy { !$0.isOrphan } || live.contains { $0.isConfirmed && !$0.isOrphan }
  }

  /// What the controller counts as active or stopping here, as far as this worker knows.
  var knownCount: Int {
    entries.values.count { !$0.isOrphan }
  }

  // MARK: What exists

  /// Takes up what exists from before this process began.
  mutating func adopt(_ id: AttemptID, _ status: TaskStatus, _ kept: AttemptNote?) {
    var entry = Entry(
      id: id, job: kept?.job ?? .none, index: kept?.index ?? 0, phase: .running, stop: kept?.stop ?? StopWay(), since: 0
    )
    entry.stopReason = kept?.stopReason
    entry.isOver = kept?.isOver ?? false
    entries[id] = entry
    note(id, status)
    // The worker before may have ended between the signal and the kill.
    if let reason = kept?.stopReason, entries[id]?.phase == .running || entries[id]?.phase == .starting {
      stop(id, because: reason)
    }
  }

  /// Takes up an end that was kept, of which nothing else exists.
  mutating func adopt(_ id: AttemptID, ended outcome: TaskOutcome, _ kept: AttemptNote?) {
    var entry = Entry(
      id: id, job: kept?.job ?? .none, index: kept?.index ?? 0, phase: .ended(outcome), stop: kept?.stop ?? StopWay(),
      since: 0)
    entry.isOver = kept?.isOver ?? false
    entry.stopReason = kept?.stopReason
    entries[id] = entry
  }

  /// The worker is attached: what is of another cluster is stopped and never reported, and of the rest nothing before the
  /// controller has said that it has it.
  mutating func attached(to cluster: String) {
    self.cluster = cluster
    for id in entries.keys { entries[id]?.isConfirmed = false }
    for id in entries.keys where id.cluster != cluster { abandon(id) }
  }

  /// Reports all ends that have not been reported.
  mutating func reportEnds() {
    for id in entries.keys.sorted(by: { $0.description < $1.description }) { report(id) }
  }

  /// Reports once more what was reported and not answered.
  mutating func repeatReports() {
    for (id, entry) in entries {
      if case .reported(let outcome) = entry.phase { entries[id]?.phase = .ended(outcome) }
    }
    reportEnds()
  }

  /// The controller has given this worker up, and with it all that runs here.
  mutating func abandonAll() {
    for id in entries.keys { abandon(id) }
  }

  /// The controller has said what it has here: it has given up the rest.
  mutating func abandonUnconfirmed() {
    for (id, entry) in entries where !entry.isConfirmed && !entry.isOrphan { abandon(id) }
  }

  private mutating func abandon(_ id: AttemptID) {
    entries[id]?.isOrphan = true
    switch entries[id]?.phase {
    case .fetching: entries[id] = nil
    case .starting, .running: stop(id, because: .stopped)
    case .ended, .reported: forget(id)
    case .stopping, nil: break
    }
  }

  // MARK: What is wanted

  /// A number to be passed to `abandonAll(but:since:)` with the answer to what is asked from here on.
  mutating func mark() -> UInt64 {
    sequence += 1
    return sequence
  }

  /// What the controller does not have here is stopped.
  ///
  /// - Parameters:
  ///   - wanted: all that it has.
  ///   - mark: of the moment before it was asked: what came since is not missing.
  mutating func abandonAll(but wanted: Set<AttemptID>, since mark: UInt64) {
    for (id, entry) in entries where entry.since < mark && !wanted.contains(id) && !entry.isOrphan { abandon(id) }
  }

  /// The controller still has a task of this worker's last life, and may be told how it ended.
  mutating func confirm(_ task: TaskView) {
    guard let id = id(of: task) else { return }
    entries[id]?.isConfirmed = true
    if task.isStopping { entries[id]?.isOver = true }
  }

  private func id(of task: TaskView) -> AttemptID? {
    guard let cluster, let assignedMs = task.assignedMs, task.attemptCount > 0 else { return nil }
    return AttemptID(
      cluster: cluster, task: task.handle, attempt: UInt32(clamping: task.attemptCount - 1), assignedMs: assignedMs)
  }

  /// The controller has a task's newest attempt here, active or stopping.
  ///
  /// - Returns: the attempt; nil where there is none.
  @discardableResult
  mutating func want(_ task: TaskView) -> AttemptID? {
    guard let id = id(of: task) else { return nil }
    want(id, task)
    return id
  }

  private mutating func want(_ id: AttemptID, _ task: TaskView) {
    let wasConfirmed = entries[id]?.isConfirmed ?? false
    entries[id]?.isConfirmed = true
    if task.isStopping { return over(id.task, id.attempt, isNew: !wasConfirmed) }
    guard let entry = entries[id] else {
      guard task.state == .assigned || task.state == .building else {
        // It may have run, and nothing says how it ended.
        orders.append(.tell(Self.end(id, TaskOutcome(.unknown, error: "nothing is left of it on its worker"))))
        return
      }
      return assigned(id, job: task.job, index: task.name.index)
    }
    entries[id]?.isOrphan = false
    if entry.job == .none { entries[id]?.job = task.job }
    switch entry.phase {
    case .fetching: orders.append(.fetch(entry.job))
    case .running: if task.state != .running { tellRunning(id) }
    case .ended: if !wasConfirmed { report(id) }
    default: break
    }
  }

  private mutating func assigned(_ id: AttemptID, job: JobHandle, index: Int) {
    guard entries[id] == nil else { return }
    sequence += 1
    entries[id] = Entry(id: id, job: job, index: index, phase: .fetching, since: sequence)
    entries[id]?.isConfirmed = true
    orders.append(.fetch(job))
  }

  /// The controller has ended an attempt, and waits to hear that it stopped.
  ///
  /// - Parameter isNew: its end, if it has ended, has not been reported.
  mutating func over(_ task: TaskHandle, _ attempt: UInt32, isNew: Bool = false) {
    let entry = entries.values.first {
      $0.id.task == task && $0.id.attempt == attempt && $0.id.cluster == cluster && !$0.isOrphan
    }
    guard let entry else {
      // An assignment comes before its end: nothing of it was started, or all of it has gone.
      orders.append(.tell(Self.stopped(task, attempt, TaskOutcome(.stopped))))
      return
    }
    let id = entry.id
    entries[id]?.isOver = true
    switch entry.phase {
    case .fetching: end(id, TaskOutcome(.stopped))
    case .starting, .running: stop(id, because: .stopped)
    case .ended: if isNew { report(id) }
    case .stopping, .reported: break
    }
  }

  /// This worker is cut off from the controller, which may soon give its tasks to others.
  mutating func cutOff() {
    for (id, entry) in entries where !entry.stop.runsOnWhenCutOff {
      switch entry.phase {
      // Asked for again when the controller can be reached.
      case .fetching: entries[id] = nil
      case .starting, .running: stop(id, because: .fenced)
      default: break
      }
    }
  }

  // MARK: What becomes of them

  /// Those that wait for the specification of a job.
  func waiting(for job: JobHandle) -> [Entry] {
    entries.values.filter { $0.job == job && $0.phase == .fetching }.sorted { $0.index < $1.index }
  }

  /// An attempt waits for room here: the controller need not take it back as if nobody had heard of it.
  mutating func hold(_ id: AttemptID) {
    guard let entry = entries[id], entry.phase == .fetching, !entry.isHeld, entry.isConfirmed else { return }
    entries[id]?.isHeld = true
    orders.append(.tell(.taskStateChanged(TaskReport(task: .handle(id.task), attempt: id.attempt, state: .building))))
  }

  /// The driver is asked to start an attempt.
  mutating func starting(_ id: AttemptID, _ stop: StopWay) {
    precondition(entries[id]?.phase == .fetching, "what is started has not been started before")
    entries[id]?.phase = .starting
    entries[id]?.stop = stop
  }

  /// An attempt ended before it was started.
  mutating func refuse(_ id: AttemptID, _ outcome: TaskOutcome) {
    end(id, outcome)
  }

  mutating func note(_ id: AttemptID, _ status: TaskStatus) {
    guard let entry = entries[id] else { return }
    switch status {
    case .starting: if entry.phase == .running { entries[id]?.phase = .starting }
    case .running:
      guard entry.phase == .starting || entry.phase == .running else { return }
      entries[id]?.phase = .running
      if entry.phase == .starting { tellRunning(id) }
    case .ended(let outcome):
      switch entry.phase {
      case .ended, .reported: break
      default: end(id, outcome)
      }
    }
  }

  /// There is nothing of it any more.
  mutating func gone(_ id: AttemptID) {
    guard let entry = entries[id] else { return }
    switch entry.phase {
    case .fetching, .ended, .reported: break
    case .starting, .running, .stopping:
      end(id, TaskOutcome(entry.stopReason ?? .unknown, error: entry.stopReason == nil ? "it vanished" : nil))
    }
  }

  /// The controller has the end of an attempt.
  mutating func answered(_ id: AttemptID) {
    forget(id)
  }

  /// An end was reported, and the answer is awaited.
  mutating func reporting(_ id: AttemptID) {
    guard case .ended(let outcome)? = entries[id]?.phase else { return }
    entries[id]?.phase = .reported(outcome)
  }

  /// Somebody else has stopped it.
  mutating func stopped(_ id: AttemptID, because reason: EndReason) {
    entries[id]?.stopReason = reason
  }

  private mutating func stop(_ id: AttemptID, because reason: EndReason) {
    guard let entry = entries[id] else { return }
    entries[id]?.phase = .stopping
    entries[id]?.stopReason = entry.stopReason ?? reason
    orders.append(.stop(id, entry.stop))
  }

  private mutating func end(_ id: AttemptID, _ outcome: TaskOutcome) {
    guard let entry = entries[id] else { return }
    var outcome = outcome
    if let reason = entry.stopReason { outcome.reason = reason }
    entries[id]?.phase = .ended(outcome)
    if entry.isOrphan { return forget(id) }
    orders.append(.keep(id, outcome))
    report(id)
  }

  /// Ends that could not be written down are tried again.
  mutating func keepEnds() {
    for (id, entry) in entries {
      guard case .ended(let outcome) = entry.phase, !entry.isOrphan else { continue }
      orders.append(.keep(id, outcome))
      report(id)
    }
  }

  private mutating func report(_ id: AttemptID) {
    guard let entry = entries[id], case .ended(let outcome) = entry.phase, entry.isConfirmed, !entry.isOrphan else {
      return
    }
    let body = entry.isOver ? Self.stopped(id.task, id.attempt, outcome) : Self.end(id, outcome)
    orders.append(.report(id, body))
  }

  private mutating func forget(_ id: AttemptID) {
    entries[id] = nil
    orders.append(.release(id))
  }

  private mutating func tellRunning(_ id: AttemptID) {
    guard entries[id]?.isOrphan == false, entries[id]?.isConfirmed == true else { return }
    orders.append(.tell(.taskStateChanged(TaskReport(task: .handle(id.task), attempt: id.attempt, state: .running))))
  }

  /// The worker says how it ended, and with that what is charged: the program's own failures, or none of them.
  private static func end(_ id: AttemptID, _ outcome: TaskOutcome) -> Event.Body {
    let state: TaskState =
      switch outcome.reason {
      case .exited: outcome.exitCode == 0 ? .succeeded : .failed
      case .signal, .oom, .timeout, .startFailed: .failed
      case .stopped: .killed
      case .refused, .fenced, .unknown: .workerFailed
      }
    return .taskStateChanged(
      TaskReport(
        task: .handle(id.task), attempt: id.attempt, state: state, error: outcome.errorToReport,
        exitCode: outcome.exitCode, endReason: outcome.reason, cpuMs: outcome.cpuMs,
        peakMemoryBytes: outcome.peakMemoryToReport))
  }

  private static func stopped(_ task: TaskHandle, _ attempt: UInt32, _ outcome: TaskOutcome) -> Event.Body {
    .taskStopped(
      TaskStop(
        task: .handle(task), attempt: attempt, error: outcome.errorToReport, exitCode: outcome.exitCode,
        endReason: outcome.reason, cpuMs: outcome.cpuMs, peakMemoryBytes: outcome.peakMemoryToReport))
  }
}

extension TaskOutcome {
  /// As long as a record may have it.
  var errorToReport: String? { error?.cutVisibly(toBytes: Limits.errorBytes) }
}
