import EventModel

/// Proposals of placements, which become state only as events.
extension ControllerState {
  /// Could `proposePlacements` do anything new? False once a pass over the queue has ended, all that it proposed has been
  /// committed, and since then no task became PENDING that is to be asked for and no capacity was gained.
  public var hasSchedulableWork: Bool { hasSchedulableWork(atMs: nowMs) }

  /// The same at a time that the caller's clock says: what was not committed as proposed is tried again after a while.
  public func hasSchedulableWork(atMs timeMs: Int64) -> Bool {
    waiting.hasWork || !placementPass.isSettled || placementPass.hasExpiredHold(atMs: timeMs)
      || placementPass.nextReserverMs <= timeMs || backOffs.first.map { $0.dueMs <= timeMs } ?? false
  }

  /// Placements of the last call that the next one looks at.
  public var proposedPlacements: Int { placementPass.proposedTasks.count }

  /// Proposes placements in queue order, as unstamped TASK_ASSIGNED events for the caller to pass to `handle`, which
  /// checks each again. The proposals of one call account for each other's capacity; handle them before calling again.
  /// What was not committed although it could have been is proposed again after a while.
  ///
  /// A gang is proposed as a whole or not at all, and never split over two calls, so the first one may go beyond
  /// `limit`. When some of a gang is not committed after all, or some of it holds workers while the rest fits nowhere,
  /// a TASK_PREEMPTED of one member is proposed, whose cascade takes all of it off its workers again at no charge to the
  /// others; a member that has not started is preferred, for it is not charged either.
  ///
  /// Always the oldest job is asked for, of those of which it is not known that there is no room. Whatever a policy
  /// answers, it is asked at most `limit` and `ControllerLimits.unplaceableTasksPerPass` times a call, and one gang's size
  /// more.
  ///
  /// - Parameter timeMs: the caller's clock, in milliseconds; the logical clock unless said.
  public mutating func proposePlacements(
    using policy: inout any SchedulingPolicy, limit: Int, atMs timeMs: Int64? = nil
  ) -> [Event] {
    proposePlacementsIfCalledFor(using: &policy, limit: limit, atMs: timeMs ?? nowMs) ?? []
  }

  /// The same; nil when there was nothing to look at. An empty list says that a part of the queue was gone through.
  public mutating func proposePlacementsIfCalledFor(
    using policy: inout any SchedulingPolicy, limit: Int, atMs timeMs: Int64
  ) -> [Event]? {
    guard limit > 0, hasSchedulableWork(atMs: timeMs) else { return nil }
    releaseBackOffs(atMs: timeMs)
    endHolds(atMs: timeMs)
    var draft = PlacementDraft(limit: limit, isFirstFit: policy is FirstFit)
    settleProposedTasks(atMs: timeMs)
    settleProposedGangs(atMs: timeMs, &draft)
    guard draft.proposals.isEmpty else { return draft.proposals }
    waiting.asksEachJob = !policy.asksByShape
    waiting.beginPass()
    let before = placementPass.reserver
    placementPass.reserver = nil
    placementPass.nextReserverMs = .max
    // One that waited for long is asked for in its turn, though nobody may have enough free: what is behind it has to wait.
    let mayReserve = waiting.hasWaited(sinceMs: timeMs - configuration.reservationAfterMs)
    var isAtEnd = false
    while !draft.isFull {
      // Where nobody has enough free, no policy need be asked.
      let key = waiting.oldest(upTo: mayReserve ? .unlimited : cluster.capacity.mostFree)
      if !cluster.isReservationOn {
        let reserver = mayReserve ? findReserver(before: key, atMs: timeMs) : nil
        if waiting.askAnew(besides: reserver, before: key) { continue }
        if let reserver { reserve(for: reserver, &draft) }
      }
      guard let key else {
        waiting.endPass()
        isAtEnd = true
        break
      }
      guard jobs.rows[Int(key.job)].isCoscheduled else {
        proposeTasks(of: key, asksInVain: mayReserve, &policy, &draft)
        continue
      }
      guard proposeGang(key, &policy, &draft) else { break }
    }
    waiting.isPassUnderWay = waiting.hasWork && draft.hasAskedEnough
    // A call that did not reach the reserver's place in the queue cannot tell whether its reservation has ended.
    if !isAtEnd, placementPass.reserver == nil { placementPass.reserver = before }
    cluster.isReservationOn = false
    cluster.reserved = WorkerSet()
    for worker in draft.reserved {
      cluster.updateCapacity(worker)
    }
    return draft.proposals
  }

  /// Workers looked at that count as one question more.
  private static var workersPerQuestion: Int { 1024 }

  private mutating func proposeTasks(
    of key: QueueKey, asksInVain: Bool, _ policy: inout any SchedulingPolicy, _ draft: inout PlacementDraft
  ) {
    let job = Int(key.job)
    let place = jobs.askPlace(job)
    var slots = jobs.rows[job].taskSlots
    while let task = tasks.ready.first(in: slots) {
      guard !draft.isFull, asksInVain || cluster.capacity.mayHaveRoom(for: jobs.asks, place) else { return }
      guard let worker = reserveWorker(for: task, ofJob: job, &policy, draft) else {
        // No one resource is short, so that all workers may have been looked at in vain.
        draft.unplaceable += 1 + cluster.rows.count / Self.workersPerQuestion
        return waiting.refuse(
          key, jobs.rows[job].shape, byPolicy: hasRoom(forJob: job, draft), keptFor: draft.reserver)
      }
      draft.reserved.append(worker)
      propose(task, on: worker, &draft)
      slots = (task + 1)..<slots.upperBound
    }
    waiting.passOver(key, jobs.rows[job].shape)
  }

  mutating func propose(_ task: Int, on worker: Int, _ draft: inout PlacementDraft) {
    draft.proposals.append(.taskAssigned(.handle(tasks.handle(task)), worker: .handle(cluster.handle(worker))))
    placementPass.proposedTasks.append(
      PlacementPass.ProposedTask(
        task: tasks.handle(task), worker: cluster.handle(worker), attempts: tasks.rows[task].attemptCount))
  }

  /// Is there room for a task for which the policy chose no worker?
  func hasRoom(forJob job: Int, _ draft: borrowing PlacementDraft) -> Bool {
    !draft.isFirstFit && cluster.first(withFree: jobs.ask(job), jobs.rows[job].rule) != nil
  }

  /// May a worker have a task of a job, and has it room?
  func hasRoom(forJob job: Int, at worker: Int) -> Bool {
    cluster.hasRoom(for: jobs.asks, jobs.askPlace(job), jobs.rows[job].rule, at: worker)
  }

  /// Asks the policy for a worker and holds the capacity there until the end of the call.
  mutating func reserveWorker(
    for task: Int, ofJob job: Int, _ policy: inout any SchedulingPolicy, _ draft: borrowing PlacementDraft
  ) -> Int? {
    let (place, rule) = (jobs.askPlace(job), jobs.rows[job].rule)
    let worker: Int?
    if draft.isFirstFit {
      // The policy's own answer, found faster: the frontier remembers earlier searches.
      var frontier = waiting.shapes[Int(jobs.rows[job].shape)].frontier
      worker = cluster.first(withFree: jobs.asks, place, rule, &frontier)
      waiting.note(frontier, of: jobs.rows[job].shape)
    } else {
      worker = policy.worker(for: taskToPlace(task, job), on: cluster).flatMap { cluster.slot(of: $0) }
    }
    guard let worker, draft.isFirstFit || hasRoom(forJob: job, at: worker) else { return nil }
    cluster.capacity.take(jobs.asks, place, at: worker)
    return worker
  }

  private func taskToPlace(_ task: Int, _ job: Int) -> TaskToPlace {
    TaskToPlace(
      task: tasks.handle(task), job: jobs.handle(job), index: taskIndex(task), ask: jobs.ask(job),
      rule: jobs.rows[job].rule, priority: Int(jobs.rows[job].priority), isCoscheduled: jobs.rows[job].isCoscheduled,
      attempts: Int(tasks.rows[task].attemptCount))
  }
}

/// What one call of `proposePlacements` has come to so far.
struct PlacementDraft: ~Copyable {
  let limit: Int
  /// The policy takes the first worker that it finds.
  let isFirstFit: Bool
  /// For whom workers are kept from here on.
  var reserver: QueueKey?
  var proposals: [Event] = []
  /// Workers whose free capacity is less by a proposal, until the end of the call.
  var reserved: [Int] = []
  /// Questions that the policy answered with no worker, and those asked in vain for the rest of a gang.
  var unplaceable = 0

  init(limit: Int, isFirstFit: Bool) {
    self.limit = limit
    self.isFirstFit = isFirstFit
  }

  var hasAskedEnough: Bool { unplaceable >= ControllerLimits.unplaceableTasksPerPass }

  var isFull: Bool { proposals.count >= limit || hasAskedEnough }
}
