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
  public var proposedPlacements: Int { placementPass.proposedTasks.count + placementPass.proposedGangs.count }

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
    var draft = PlacementDraft(limit: limit)
    settleProposedTasks(atMs: timeMs)
    settleProposedGangs(atMs: timeMs, &draft)
    guard draft.proposals.isEmpty else { return draft.proposals }
    waiting.asksEachJob = !policy.asksByShape
    cluster.cursor = SearchCursor(isKept: policy is FirstFit)
    waiting.beginPass()
    let before = placementPass.reserver
    placementPass.reserver = nil
    placementPass.nextReserverMs = .max
    // One that waited for long is asked for in its turn, though nobody may have enough free: what is behind it has to wait.
    let mayReserve = waiting.hasWaited(sinceMs: timeMs - configuration.reservationAfterMs)
    while !draft.isFull {
      // Where nobody has enough free, no policy need be asked.
      let key = waiting.oldest(upTo: mayReserve ? .unlimited : cluster.capacity.mostFree)
      if mayReserve, !cluster.isReservationOn, let reserver = findReserver(before: key, atMs: timeMs) {
        reserve(for: reserver)
      }
      guard let key else {
        waiting.endPass()
        break
      }
      guard jobs.rows[Int(key.job)].isCoscheduled else {
        proposeTasks(of: key, asksInVain: mayReserve, &policy, &draft)
        continue
      }
      guard proposeGang(key, &policy, &draft) else { break }
    }
    waiting.isPassUnderWay = waiting.hasWork && draft.hasAskedEnough
    cluster.isReservationOn = false
    for worker in draft.reserved {
      cluster.updateCapacity(worker)
    }
    // Those that were refused for a reservation that is no more.
    if let before, before != placementPass.reserver { noteUncountedGain() }
    return draft.proposals
  }

  /// Workers looked at that count as one question more.
  private static var workersPerQuestion: Int { 1024 }

  private mutating func proposeTasks(
    of key: QueueKey, asksInVain: Bool, _ policy: inout any SchedulingPolicy, _ draft: inout PlacementDraft
  ) {
    let job = Int(key.job)
    let row = jobs.rows[job]
    var slots = row.taskSlots
    while let task = tasks.ready.first(in: slots) {
      guard !draft.isFull, asksInVain || cluster.capacity.mayHaveRoom(for: row.ask) else { return }
      guard let worker = reserveWorker(for: task, of: row, jobSlot: job, &policy) else {
        // No one resource is short, so that all workers may have been looked at in vain.
        draft.unplaceable += 1 + cluster.rows.count / Self.workersPerQuestion
        return waiting.refuse(
          key, row.shape, byPolicy: cluster.first(withFree: row.ask, row.rule) != nil,
          isReservationOn: cluster.isReservationOn)
      }
      draft.add(worker, .taskAssigned(.handle(tasks.handle(task)), worker: .handle(cluster.handle(worker))))
      placementPass.proposedTasks.append(
        PlacementPass.ProposedTask(
          task: tasks.handle(task), worker: cluster.handle(worker), attempts: tasks.rows[task].attemptCount))
      slots = (task + 1)..<slots.upperBound
    }
    waiting.passOver(key, row.shape)
  }

  /// Asks the policy for a worker and holds the capacity there until the end of the call.
  mutating func reserveWorker(
    for task: Int, of row: JobRow, jobSlot: Int, _ policy: inout any SchedulingPolicy
  ) -> Int? {
    let taskToPlace = TaskToPlace(
      task: tasks.handle(task), job: jobs.handle(jobSlot), index: task - Int(row.firstTask), ask: row.ask,
      rule: row.rule, priority: Int(row.priority), isCoscheduled: row.isCoscheduled,
      attempts: Int(tasks.rows[task].attemptCount))
    guard let handle = policy.worker(for: taskToPlace, on: cluster), let worker = cluster.slot(of: handle),
      cluster.hasRoom(for: row.ask, row.rule, at: worker)
    else { return nil }
    cluster.capacity.take(row.ask, at: worker)
    cluster.noteFound(worker, for: row.ask, row.rule)
    return worker
  }
}

/// What one call of `proposePlacements` has come to so far.
struct PlacementDraft: ~Copyable {
  let limit: Int
  var proposals: [Event] = []
  /// Workers whose free capacity is less by a proposal, until the end of the call.
  var reserved: [Int] = []
  /// Questions that the policy answered with no worker, and those asked in vain for the rest of a gang.
  var unplaceable = 0

  init(limit: Int) {
    self.limit = limit
  }

  var hasAskedEnough: Bool { unplaceable >= ControllerLimits.unplaceableTasksPerPass }

  var isFull: Bool { proposals.count >= limit || hasAskedEnough }

  mutating func add(_ worker: Int, _ proposal: Event) {
    reserved.append(worker)
    proposals.append(proposal)
  }
}
