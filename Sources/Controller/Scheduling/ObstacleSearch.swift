import EventModel

/// Looks for the reason that a task waits, some workers a call: the tasks of a gang may have room on ten thousand of them.
///
/// What it asks for is as of when it began; where there is room, as of when it looked there.
struct ObstacleSearch: Sendable {
  private enum Stage {
    /// Counting the tasks that have room on the workers that may get some.
    case free
    /// Counting those that would have room on the silent workers that a brake keeps.
    case suspended
    /// Looking for what empty workers that meet the constraints could hold, and for a draining one with room.
    case others
    case found
  }

  /// Of the workers that could not hold one of the tasks even if they were empty.
  private struct LargestWorker {
    let worker: WorkerIdentity
    /// Of how many of the resources that the task asks for it has enough, before the first that is short.
    let enough: Int
    /// Of that one.
    let amount: Int64
  }

  private let job: JobHandle
  private let ask: Amounts
  /// The resources that it asks for.
  private let order: [Int]
  private let rule: PlacementRule
  private var meeting = 0
  /// For how many of the tasks there would be room if all workers were empty.
  private var placeableOnEmpty = 0
  private var largest: LargestWorker?
  private var draining: WorkerIdentity?
  /// The task, or all waiting members of its gang.
  private let needed: Int
  /// The members of its gang that are placed.
  private let placed: Int
  private var stage = Stage.free
  private var nextWorker = 0
  private var placeable = 0
  private var placeableOnSuspended = 0
  private var suspendedSeen = 0
  private var zone: String?
  /// What was found once `advance` says that there is nothing more to look at.
  private(set) var obstacle: PlacementObstacle?

  /// - Returns: nil when the task is not PENDING or the handle is stale.
  init?(_ task: TaskHandle, in state: borrowing ControllerState) {
    guard let slot = state.tasks.slot(of: task), state.tasks.rows[slot].state == .pending else { return nil }
    let jobSlot = state.jobSlot(ofTask: slot)
    let job = state.jobs.rows[jobSlot]
    self.job = state.jobs.handle(jobSlot)
    ask = state.jobs.ask(jobSlot)
    order = state.cluster.kinds.order(of: ask)
    rule = job.rule
    needed = job.isCoscheduled ? job.counts[.pending] : 1
    placed = job.isCoscheduled ? job.counts.active : 0
    if let wait = Self.wait(slot, job, state) {
      find(wait)
    } else if state.totals.workers == 0 {
      find(.noWorkers)
    }
  }

  /// What a task, or a member of its gang, waits for before it may be assigned at all.
  private static func wait(_ task: Int, _ job: JobRow, _ state: borrowing ControllerState) -> PlacementObstacle? {
    var slots = job.isCoscheduled ? job.taskSlots : task..<(task + 1)
    guard job.unready > 0 else { return nil }
    while let member = state.tasks.pending.first(in: slots) {
      slots = (member + 1)..<slots.upperBound
      if state.tasks.isStopping(member) {
        return .stopping(state.cluster.identity(Int(state.tasks.rows[member].worker)))
      }
      if let untilMs = state.backOffMs(member), untilMs > state.nowMs {
        return .backsOff(untilMs: untilMs, failures: state.tasks.rows[member].failures)
      }
    }
    return nil
  }

  private mutating func find(_ obstacle: PlacementObstacle) {
    self.obstacle = obstacle
    stage = .found
  }

  /// Looks on.
  ///
  /// - Parameter limit: workers looked at before it stops.
  /// - Returns: how many it has looked at; nil when there is nothing more to look at.
  mutating func advance(_ state: borrowing ControllerState, workers limit: Int) -> Int? {
    var workers = 0
    while workers < limit {
      switch stage {
      case .free: lookAtFree(state)
      case .suspended: lookAtSuspended(state)
      case .others: lookAtOthers(state)
      case .found: return nil
      }
      workers += 1
    }
    return workers
  }

  private mutating func lookAtFree(_ state: borrowing ControllerState) {
    if placeable >= needed {
      let willBeAsked = state.jobs.slot(of: job).map { state.willBeAsked(for: $0) } ?? false
      if !willBeAsked, let reserver = state.placementPass.reserver, let other = state.jobs.slot(of: reserver) {
        return find(.reserved(job: state.jobs.name(other)))
      }
      return find(willBeAsked ? .notYetConsidered : .refusedByPolicy)
    }
    guard let slot = state.cluster.first(withFree: ask, rule, from: nextWorker) else {
      nextWorker = 0
      stage = .suspended
      return
    }
    placeable += placeableTasks(on: slot, state)
    nextWorker = slot + 1
  }

  private mutating func lookAtSuspended(_ state: borrowing ControllerState) {
    guard suspendedSeen < ControllerLimits.suspendedWorkersPerObstacle,
      let slot = state.cluster.firstSuspended(from: nextWorker)
    else {
      nextWorker = 0
      stage = .others
      return
    }
    let more = state.cluster.isAllowed(rule, slot) ? placeableTasks(on: slot, state) : 0
    if more > 0, zone == nil { zone = state.cluster.zones.rows[state.judgedZone(ofWorker: slot)].name }
    placeableOnSuspended += more
    suspendedSeen += 1
    nextWorker = slot + 1
    if placeable + placeableOnSuspended >= needed, let zone { find(.brakeEngaged(zone: zone)) }
  }

  private mutating func lookAtOthers(_ state: borrowing ControllerState) {
    guard nextWorker < state.cluster.rows.count else { return conclude(state) }
    let slot = nextWorker
    nextWorker += 1
    guard state.cluster.isOccupied(slot), state.cluster.rules.isMet(rule, by: slot) else { return }
    meeting += 1
    let total = state.cluster.totals.place(slot)
    placeableOnEmpty += ask.count(in: state.cluster.totals.values.span.extracting(total), upTo: needed + placed)
    if placeableOnEmpty == 0 { compare(slot, state) }
    guard draining == nil, state.cluster.isDraining(slot), placeableTasks(on: slot, state) > 0 else { return }
    draining = state.cluster.identity(slot)
  }

  /// Of those that could hold none, is this worker the one that lacks the least?
  private mutating func compare(_ slot: Int, _ state: borrowing ControllerState) {
    let total = state.cluster.totals[slot]
    guard let short = order.firstIndex(where: { total[$0] < ask[$0] }) else { return }
    let amount = total[order[short]]
    if let largest, (short, amount) <= (largest.enough, largest.amount) { return }
    largest = LargestWorker(worker: state.cluster.identity(slot), enough: short, amount: amount)
  }

  private mutating func conclude(_ state: borrowing ControllerState) {
    if placeableOnEmpty == 0, let largest {
      let resource = order[largest.enough]
      let shortage = Shortage(
        resource: state.cluster.kinds.resource(resource), needed: ask[resource], free: largest.amount)
      return find(.tooLarge(shortage, largestWorker: largest.worker, workersConsidered: meeting))
    }
    let missing = needed + placed - placeableOnEmpty
    if meeting > 0, missing > 0 { return find(.gangTooLarge(missingMembers: missing)) }
    if placeable > 0 { return find(.heldByGang(missingMembers: needed - placeable)) }
    if rule != ConstraintTable.none, meeting == 0 {
      return find(.requirementNotMet(workersConsidered: state.totals.workers))
    }
    if let draining {
      let drain = state.drains[draining.name]
      return find(.draining(draining, by: drain?.submitter, reason: drain?.reason))
    }
    let considered = state.totals.workers - state.cluster.suspendedCount
    let (shortage, best) = state.cluster.shortage(of: ask, rule)
    find(.noCapacity(shortage, bestWorker: best.map { state.cluster.identity($0) }, workersConsidered: considered))
  }

  /// For how many more of the tasks there is room on a worker.
  private func placeableTasks(on worker: Int, _ state: borrowing ControllerState) -> Int {
    ask.count(in: state.cluster.free(worker).values.span, upTo: needed)
  }
}

extension ClusterView {
  /// The first thing of which no worker that may get tasks has enough beside what comes before it, and the worker with the
  /// most of it.
  fileprivate func shortage(of ask: Amounts, _ rule: PlacementRule) -> (Shortage, worker: Int?) {
    var enough = Amounts()
    for resource in kinds.order(of: ask) {
      let best = first(withMostOf: resource, free: enough, rule)
      let free = best.flatMap { capacity.free(at: $0) }?[resource] ?? 0
      if free < ask[resource] {
        return (Shortage(resource: kinds.resource(resource), needed: ask[resource], free: free), best)
      }
      enough[resource] = ask[resource]
    }
    return (Shortage(resource: .cpu, needed: ask.milliCPU, free: 0), nil)
  }
}

extension ControllerState {
  /// Why a task waits; nil when it is not PENDING or the handle is stale.
  ///
  /// At most `Limits.replicas` look-ups in the tree of free capacity, a look at no more than
  /// `ControllerLimits.suspendedWorkersPerObstacle` silent workers, and one at each worker: `ExplanationSearch` does the same a slice at a time.
  public func placementObstacle(of task: TaskHandle) -> PlacementObstacle? {
    guard var search = ObstacleSearch(task, in: self) else { return nil }
    while search.advance(self, workers: .max) != nil {}
    return search.obstacle
  }
}
