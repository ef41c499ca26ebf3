import EventModel

/// The state of the whole cluster and the only code that changes it: one event in, one transaction out.
///
/// Pure and deterministic: it reads no clock, draws no random number and does no I/O. Time comes from the events alone.
/// Owned by one thread at a time; move-only, so it cannot be copied by accident.
public struct ControllerState: ~Copyable, EventHandler, Sendable {
  public internal(set) var configuration: ControllerConfiguration
  /// The logical clock in milliseconds: the latest timestamp of the events handled so far. Only `.clockCorrected` sets it
  /// back.
  public internal(set) var nowMs: Int64 = 0
  /// The newest transactions.
  public internal(set) var transactionLog: TransactionLog
  /// Sums over the cluster, always up to date.
  public internal(set) var totals = Totals()

  /// The engaged mass-failure brakes, in the order of their zones.
  public internal(set) var brakes: [ZoneBrake] = []

  @usableFromInline var cluster = ClusterView()
  var jobs = JobTable()
  var tasks = TaskTable()
  var attempts = AttemptTable()
  var endpointTable = EndpointTable()
  var errors = TextPool()
  /// Jobs that have PENDING tasks, but for those that are held.
  var waiting = WaitingJobs()
  /// Jobs with a scheduling deadline that have PENDING tasks which never were assigned, in the order of the deadlines.
  var deadlines = SortedKeys<DeadlineKey>()
  /// PENDING tasks that wait after a failure, by when they become ready.
  var backOffs = SortedKeys<TaskDueKey>()
  /// Up to when they have become so: the scheduler's clock may be ahead.
  var readyMs: Int64 = 0
  /// ASSIGNED tasks, by since when their delivery is waited for.
  var deliveries = DeliveryQueue()
  /// RUNNING tasks with a time limit, by when that is used up.
  var runLimits = SortedKeys<TaskDueKey>()
  /// When PENDING tasks whose processes were stopped became ready.
  var schedulableSince: [UInt32: Int64] = [:]
  /// When active and stopping attempts were assigned, of those that were assigned later than the clock was set back to. By task
  /// slot.
  var earlierAssignments: [UInt32: Int64] = [:]
  var drains = DrainTable()
  var lastInsertionNumber: UInt64 = 0
  var placementPass = PlacementPass()
  /// When all workers' clocks were last started afresh. Like the clocks, no part of what a replay reproduces.
  var livenessRestartMs: Int64?
  /// How long workers may be silent that may not have heard that it is less now, and until when that counts. Like the clocks, no
  /// part of what a replay reproduces.
  var formerTimeout: (ms: Int64, untilMs: Int64)?
  /// The sum of the digests of all workers, jobs, tasks and attempts but those of the open rows.
  var rowSum: UInt64 = 0
  var openTasks = OpenRows()
  var openJobs = OpenRows()
  private let place = FixedPlace()

  public init(configuration: ControllerConfiguration = ControllerConfiguration()) {
    self.configuration = configuration
    self.transactionLog = TransactionLog(
      capacity: configuration.transactionLogCapacity, actionCapacity: configuration.transactionLogActionCapacity)
  }

  /// Handles one event with all its cascades and returns the transaction, which is also in the log.
  ///
  /// A rejected event changes nothing else, the clock included; its transaction has its own time where that is later. A
  /// `.tick` is rejected as forbidden: `tick(nowMs:)` turns one into the events that are due.
  public mutating func handle(_ event: consuming Event) -> Transaction {
    let clockBeforeMs = nowMs
    var draft = TransactionDraft()
    let outcome: Outcome
    let timeMs = event.timestampMs ?? nowMs
    var transactionMs = nowMs
    if ControllerLimits.timestampMs.contains(timeMs) {
      nowMs = max(nowMs, timeMs)
      transactionMs = nowMs
      outcome = apply(event.body, atMs: timeMs, &draft)
      closeRows()
    } else {
      outcome = .rejected(.malformed)
    }
    if case .rejected = outcome {
      precondition(draft.actionCount == 0, "a rejected event lists no actions")
      nowMs = clockBeforeMs
    } else {
      releaseBackOffs(atMs: nowMs)
      // The clock may have been set back.
      transactionMs = nowMs
    }
    let missing = draft.missing.map { cluster.kinds.shortage($0) }
    let transaction = draft.transaction(
      number: transactionLog.lastNumber + 1, timestampMs: transactionMs, event: event, outcome: outcome,
      missing: missing)
    transactionLog.append(transaction)
    return transaction
  }

  private mutating func apply(_ body: Event.Body, atMs timeMs: Int64, _ draft: inout TransactionDraft) -> Outcome {
    switch body {
    case .workerRegistered(let registration):
      registerWorker(registration, atMs: timeMs, &draft)
    case .workerHeartbeat(let worker):
      heartbeat(worker, atMs: timeMs, &draft)
    case .workerHeartbeatFailed(let worker, let error):
      heartbeatFailed(worker, error: error, &draft)
    case .workerFailed(let worker, let cause):
      failWorker(worker, cause, &draft)
    case .workerReconciled(let worker, let reported):
      reconcile(worker, reported: reported, &draft)
    case .jobSubmitted(let name, let request):
      submitJob(name, request, atMs: timeMs, &draft)
    case .jobCancelled(let job, let reason):
      cancelJob(job, reason: reason, &draft)
    case .taskAssigned(let task, let worker):
      assign(task, to: worker, &draft)
    case .taskStateChanged(let report):
      applyReport(report, &draft)
    case .taskPreempted(let task, let reason):
      preempt(task, reason: reason, &draft)
    case .endpointRegistered(let task, let endpoint):
      registerEndpoint(endpoint, of: task, &draft)
    case .tick:
      .rejected(.forbidden)
    case .prune:
      prune(atMs: timeMs, &draft)
    case .schedulingDeadlinePassed(let task):
      passDeadline(of: task, &draft)
    case .controllerStalled(let stalledMs):
      shiftDeadlines(byStallMs: stalledMs, endMs: timeMs)
    case .clockCorrected(let aheadMs):
      setClockBack(toMs: timeMs, aheadMs: aheadMs)
    case .brakeEngaged(let census):
      engageBrake(census, atMs: timeMs)
    case .brakeReleased(let census):
      releaseBrake(census)
    case .brakeOverridden(let zone, _):
      overrideBrake(ofZone: zone)
    case .workerDrain(let worker, let reason, let submitter, let graceMs):
      drainWorker(worker, reason: reason, submitter: submitter, graceMs: graceMs, atMs: timeMs, &draft)
    case .workerResumed(let worker, _):
      resumeWorker(worker, &draft)
    case .workerDrainPassed(let worker):
      passDrain(of: worker, &draft)
    case .taskStopped(let stop):
      taskStopped(stop, &draft)
    case .taskTimedOut(let task, let attempt):
      timeOutRun(of: task, attempt: attempt, &draft)
    case .assignmentTimedOut(let task, let attempt):
      timeOutDelivery(of: task, attempt: attempt, &draft)
    }
  }
}
