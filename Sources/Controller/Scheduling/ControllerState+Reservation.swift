import EventModel

/// Reservations, the scheduler's own notes: no part of the state.
extension ControllerState {
  /// A worker has come or gone, has begun or ceased to get tasks, or has other capacity or attributes.
  mutating func noteChange(ofWorker slot: Int) {
    placementPass.fleet.note(slot)
    if let rule = placementPass.reservation.rule {
      placementPass.reservation.set(slot, room: cluster.roomIfEmpty(slot, for: placementPass.reservation.ask, rule))
    }
    // The reservation may no longer be of use to its job.
    if placementPass.reserver != nil { waiting.noteChange() }
  }

  /// The first job of the queue that does not fit, has waited for too long and could use some workers if they were empty.
  ///
  /// - Parameter key: only jobs before it.
  mutating func findReserver(before key: QueueKey?, atMs timeMs: Int64) -> QueueKey? {
    let sinceMs = timeMs - configuration.reservationAfterMs
    var candidates: [QueueKey] = []
    // When one before it will have waited for as long, and keep others in its place.
    var nextMs = Int64.max
    for shape in waiting.withoutRoom {
      guard waiting.shapes[shape].earliestMs < sinceMs else {
        nextMs = min(nextMs, waiting.shapes[shape].earliestMs)
        continue
      }
      var earliestMs = Int64.max
      var next = waiting.firstJob(of: UInt32(shape))
      while let job = next {
        if let key, !(job < key) { break }
        let jobMs = schedulableSinceMs(ofJob: Int(job.job))
        let unproposedMs =
          jobMs < sinceMs ? schedulableSinceMs(ofJob: Int(job.job), besidesProposed: true) : jobMs
        if unproposedMs < sinceMs {
          candidates.append(job)
          break
        }
        earliestMs = min(earliestMs, jobMs)
        nextMs = min(nextMs, unproposedMs)
        next = waiting.nextJob(after: job, of: UInt32(shape))
      }
      if next == nil { waiting.setEarliest(earliestMs, of: shape) }
    }
    // What the first of a shape cannot use, none of it can.
    for job in candidates.sorted() where isReservationOfUse(forJob: Int(job.job)) {
      if nextMs < .max { placementPass.nextReserverMs = nextMs + configuration.reservationAfterMs + 1 }
      return job
    }
    return nil
  }

  /// Since when the first of a waiting job's tasks, or its gang as a whole, might have been assigned.
  ///
  /// - Parameter besidesProposed: only those that this call has not proposed; `Int64.max` when it has proposed all.
  func schedulableSinceMs(ofJob job: Int, besidesProposed: Bool = false) -> Int64 {
    var slots = jobs.rows[job].taskSlots
    let isGang = jobs.rows[job].isCoscheduled
    if besidesProposed {
      let handle = jobs.handle(job)
      if isGang, placementPass.proposedGangs.contains(where: { $0.job == handle }) { return .max }
      // They are proposed in their order.
      if !isGang, let last = placementPass.proposedTasks.last(where: { slots.contains(Int($0.task.index)) }) {
        slots = (Int(last.task.index) + 1)..<slots.upperBound
      }
    }
    if !isGang, tasks.fresh.first(in: slots) != nil { return jobs.rows[job].submittedMs }
    var sinceMs = isGang ? Int64.min : .max
    while let task = tasks.ready.first(in: slots) {
      let taskMs = readySinceMs(task)
      sinceMs = isGang ? max(sinceMs, taskMs) : min(sinceMs, taskMs)
      slots = (task + 1)..<slots.upperBound
    }
    return sinceMs
  }

  /// Would the job's tasks fit if all workers that it could use were empty? If so, `placementPass.reservation` holds them.
  private mutating func isReservationOfUse(forJob job: Int) -> Bool {
    let needed = jobs.rows[job].isCoscheduled ? jobs.rows[job].counts[.pending] + jobs.rows[job].counts.active : 1
    let (ask, rule) = (jobs.ask(job), jobs.rows[job].rule)
    if placementPass.reservation.isFor(ask, rule) { return placementPass.reservation.room >= needed }
    let shape = jobs.rows[job].shape
    if let room = mostRoomIfEmpty(forShape: shape), room < needed { return false }
    var made = placementPass.reservation.another(for: ask, rule, slots: cluster.rows.count)
    for slot in cluster.rows.indices {
      made.set(slot, room: cluster.roomIfEmpty(slot, for: ask, rule))
    }
    guard made.room >= needed else {
      waiting.note(WaitingJobs.EmptyFleet(room: made.room, changes: placementPass.fleet.count), of: shape)
      return false
    }
    placementPass.reservation = made
    return true
  }

  /// At most how many tasks of a shape would fit if all workers were empty; nil when no bound is known.
  private mutating func mostRoomIfEmpty(forShape shape: UInt32) -> Int? {
    let ask = waiting.shapes[Int(shape)].ask
    guard var known = waiting.shapes[Int(shape)].emptyFleet, placementPass.fleet.reaches(known.changes) else {
      return nil
    }
    for change in known.changes..<placementPass.fleet.count {
      known.room += cluster.roomIfEmpty(placementPass.fleet[change], for: ask.amounts, ask.rule)
    }
    known.changes = placementPass.fleet.count
    waiting.note(known, of: shape)
    return known.room
  }

  /// Keeps the workers that a job could use from what is behind it, until the end of the call.
  mutating func reserve(for reserver: QueueKey, _ draft: inout PlacementDraft) {
    let row = jobs.rows[Int(reserver.job)]
    precondition(
      placementPass.reservation.isFor(jobs.ask(Int(reserver.job)), row.rule), "a reserver was found by its reservation")
    draft.reserver = reserver
    placementPass.reserver = jobs.handle(Int(reserver.job))
    cluster.reserved = placementPass.reservation.workers
    cluster.reservationNumber = placementPass.reservation.number
    cluster.isReservationOn = true
  }

  /// A job needs its constraints no more.
  mutating func releaseRule(ofJob job: Int) {
    let rule = jobs.rows[job].rule
    if cluster.rules.release(rule), placementPass.reservation.rule == rule { placementPass.reservation.end() }
    jobs.rows[job].rule = ConstraintTable.none
  }
}
