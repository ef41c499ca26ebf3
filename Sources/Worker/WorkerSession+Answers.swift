import EventCodec
import EventModel
import RingmasterClient

/// What comes back from the dispatcher.
extension WorkerSession {
  /// What was asked, and what of the answers has come.
  struct Requests {
    /// The position of the event that registers this worker.
    var registration: UInt64?
    var open: [UInt64: Purpose] = [:]
    /// Of the newest question for all that the controller has here; what comes of others means nothing.
    var mark: UInt64 = 0
    /// What it has, as far as that has come.
    var wanted: Set<AttemptID> = []
    var isSynchronising = false
    /// There was no room to ask.
    var mustSynchronise = false
  }

  enum Purpose {
    /// The row of this worker, asked behind a heartbeat: it comes when that has been handled.
    case heartbeat(of: WorkerHandle, sentNs: UInt64)
    /// The same, and it has come.
    case answeredHeartbeat
    /// A page of what the controller has here.
    case wanted(mark: UInt64)
    /// The same, before this worker registers.
    case before
    /// The row of a task that was assigned here.
    case task
    case job(JobHandle)
    case specification(JobHandle)
  }

  func readResults() throws {
    while let message = try link.next() {
      switch message {
      case .result(let result): try take(result)
      case .refused(let id, _, let detail):
        log.error("the dispatcher refused an event", metadata: ["cause": "\(detail)"])
        if id.position == requests.registration { requests.registration = nil }
        if let attempt = reports.removeValue(forKey: id.position) { book.answered(attempt) }
      case .row(let request, let row): try take(row, request)
      case .queryDone(let request, let next): finish(request, next)
      case .overrun:
        // The answers to reports may be among what was lost.
        reports = [:]
        requests.registration = nil
        nextHeartbeatNs = 0
        if case .lookingBack = phase { lookBack() }
        book.repeatReports()
        synchronise()
      // Workers are told by a row that is missing.
      case .heartbeatRefused: break
      }
    }
  }

  private func take(_ result: DispatchResult) throws {
    let position = result.event.id.position
    if result.event.id.peer == link.peer {
      if let attempt = reports.removeValue(forKey: position) { book.answered(attempt) }
      if requests.registration == position {
        requests.registration = nil
        guard case .worker(let handle, _)? = result.transaction?.subject, result.transaction?.outcome == .applied else {
          log.error("the dispatcher did not register this worker", metadata: ["outcome": "\(result.disposition)"])
          return
        }
        phase = .registered(handle)
        log.info("registered", metadata: ["worker": "\(profile.name)"])
        // How long the controller waits for a silent worker, its row says; before that nothing is started.
        nextHeartbeatNs = 0
        return synchronise()
      }
    }
    guard let transaction = result.transaction else { return }
    // What was assigned to a registration before this one ends with it; what comes before it is answered is found missing then.
    if transaction.kind == .taskAssigned, transaction.outcome == .applied, case .registered(let worker) = phase {
      for action in transaction.actions where action.kind == .taskAssigned {
        guard action.worker?.handle == worker, case .task(let task, _, _) = action.subject else { continue }
        ask(.task, .tasks, about: .task(.handle(task)))
      }
    }
    for kill in transaction.tasksToKill where kill.worker.name == profile.name {
      guard case .task(let task, _, _) = kill.task else { continue }
      book.over(task, kill.attempt)
    }
  }

  /// The controller does not have this worker any more.
  func giveUp() {
    if case .givenUp = phase { return }
    log.warning("the controller gave this worker up: stopping what runs here")
    phase = .givenUp
    unsent = []
    book.abandonAll()
  }

  /// Asks for all that the controller has here.
  func synchronise() {
    guard case .registered(let worker) = phase else { return }
    requests.wanted = []
    requests.mark = book.mark()
    requests.isSynchronising = ask(.wanted(mark: requests.mark), .tasks, about: .worker(.handle(worker)))
    requests.mustSynchronise = !requests.isSynchronising
  }

  /// Asks what the controller has of this worker's life before, if it has any.
  func lookBack() {
    if !ask(.before, .tasks, about: .worker(.name(profile.name))) { phase = .registering }
  }

  /// - Returns: false when the ring is full; what a worker does not ask for now, it finds missing at its next heartbeat.
  @discardableResult
  func ask(_ purpose: Purpose, _ entity: QueryEntity, about: EntityReference, cursor: UInt64 = 0) -> Bool {
    guard let request = try? link.query(entity, about: about, cursor: cursor, limit: Self.pageRows)
    else { return false }
    requests.open[request] = purpose
    return true
  }

  private static let pageRows = 256

  private func take(_ row: Row, _ request: UInt64) throws {
    switch (requests.open[request], row) {
    case (.heartbeat(_, let sentNs), .worker(let view)):
      requests.open[request] = .answeredHeartbeat
      guard view.incarnation == profile.incarnation else { return giveUp() }
      lease.renew(timeoutMs: view.timeoutMs, fromNs: sentNs)
      try store.write(lease)
      // What was told and did not come.
      let isAsking =
        requests.isSynchronising || requests.open.values.contains { if case .task = $0 { true } else { false } }
      if view.runningCount + view.stoppingCount != book.knownCount, !isAsking { synchronise() }
    // At once: what comes behind the row may change what it says.
    case (.wanted(let mark), .task(let view)):
      guard case .registered(let worker) = phase, view.worker.map({ $0.handle == worker }) ?? true else { return }
      if let id = book.want(view), mark == requests.mark { requests.wanted.insert(id) }
    case (.before, .task(let view)): book.confirm(view)
    case (.task, .task(let view)):
      if case .registered(let worker) = phase, view.worker?.handle == worker { book.want(view) }
    case (.job(let job), .job(let view)):
      jobs[job]?.view = view
      try startReady(job)
    case (.specification(let job), .specification(let view)):
      jobs[job]?.specification = view.specification
      try startReady(job)
    default: break
    }
  }

  private func finish(_ request: UInt64, _ next: UInt64?) {
    guard let purpose = requests.open.removeValue(forKey: request) else { return }
    if case .heartbeat(let asked, _) = purpose, case .registered(let worker) = phase, asked == worker {
      return giveUp()
    }
    // Of a job that is gone, nothing came.
    if case .specification(let job) = purpose { jobs[job] = nil }
    if case .before = purpose, case .lookingBack = phase {
      if let next { return _ = ask(.before, .tasks, about: .worker(.name(profile.name)), cursor: next) }
      book.reportEnds()
      // Before this machine is offered: others may run these now, and what they hold is not free.
      book.abandonUnconfirmed()
      phase = .registering
    }
    guard case .wanted(let mark) = purpose, mark == requests.mark else { return }
    if let next, case .registered(let worker) = phase {
      requests.isSynchronising = ask(.wanted(mark: mark), .tasks, about: .worker(.handle(worker)), cursor: next)
      requests.mustSynchronise = !requests.isSynchronising
      return
    }
    requests.isSynchronising = false
    book.abandonAll(but: requests.wanted, since: mark)
  }

  // MARK: Jobs

  /// Jobs whose specifications are kept, for more tasks of theirs.
  private static let jobsKept = 64

  func fetch(_ job: JobHandle) throws {
    if plans[job] != nil { return try startWaiting(for: job) }
    guard jobs[job] == nil else { return }
    guard ask(.job(job), .jobs, about: .job(.handle(job))),
      ask(.specification(job), .specifications, about: .job(.handle(job)))
    else {
      held.insert(job)
      return
    }
    jobs[job] = PendingJob()
  }

  /// Tries what had to wait.
  func startHeld() throws {
    let room = profile.maximumTasks - book.liveCount
    guard !held.isEmpty, room > 0, nowNs < lease.deadlineNs else { return }
    for job in Array(held.prefix(room)) {
      held.remove(job)
      if !book.waiting(for: job).isEmpty { try fetch(job) }
    }
  }

  private func startReady(_ job: JobHandle) throws {
    guard let view = jobs[job]?.view, let specification = jobs[job]?.specification else { return }
    jobs[job] = nil
    if plans.count >= Self.jobsKept { plans.remove(at: plans.startIndex) }
    plans[job] = LaunchPlan(
      job: view, specification: specification, worker: profile.name, policy: profile.policy,
      runsAsWorker: driver.name == "process")
    try startWaiting(for: job)
  }

  private func startWaiting(for job: JobHandle) throws {
    guard let plan = plans[job] else { return }
    let stop = plan.stop(atMostMs: terms.stopMs)
    for entry in book.waiting(for: job) {
      guard nowNs < lease.deadlineNs else {
        held.insert(job)
        return
      }
      guard book.liveCount < profile.maximumTasks else {
        held.insert(job)
        book.hold(entry.id)
        continue
      }
      if let refusal = plan.refusal {
        book.refuse(entry.id, refusal)
        continue
      }
      var starting = entry
      starting.stop = stop
      do {
        // From here on it is known that it may run.
        try store.write(AttemptNote(starting), of: entry.id)
      } catch {
        book.refuse(entry.id, TaskOutcome(.refused, error: "its worker cannot write it down: \(error)"))
        continue
      }
      book.starting(entry.id, stop)
      driver.start(plan.launch(entry.id, index: entry.index, stop))
    }
  }
}
