import EventModel

/// The workers that a job could use that has waited for long: nothing behind it in the queue goes there.
struct Reservation: Sendable {
  /// What it was made of.
  var shape: AskShape?
  var tasks = 0
  var fleetVersion: UInt64 = 0
  /// Would its tasks fit if these were empty?
  var isOfUse = false
  var workers = WorkerSet()
}

/// Reservations, the scheduler's own notes: no part of the state.
extension ControllerState {
  /// Who is registered, or gets tasks, has changed.
  mutating func noteOtherWorkers() {
    placementPass.fleetVersion &+= 1
    if placementPass.reserver != nil { noteUncountedGain() }
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

  /// Would the job's tasks fit if all workers that it could use were empty? Keeps these workers.
  private mutating func isReservationOfUse(forJob job: Int) -> Bool {
    let row = jobs.rows[job]
    let shape = AskShape(row)
    let needed = row.isCoscheduled ? row.counts[.pending] + row.counts.active : 1
    let known = placementPass.reservation
    if known.shape == shape, known.tasks == needed, known.fleetVersion == placementPass.fleetVersion {
      return known.isOfUse
    }
    var made = Reservation(shape: shape, tasks: needed, fleetVersion: placementPass.fleetVersion)
    var room = 0
    for slot in cluster.rows.indices where cluster.isOccupied(slot) && !cluster.isDraining(slot) {
      guard cluster.rules.isMet(row.rule, by: slot), row.ask.fits(in: cluster.totals[slot]) else { continue }
      made.workers[slot] = true
      if room < needed { room += row.ask.count(in: cluster.totals[slot], upTo: needed) }
    }
    made.isOfUse = room >= needed
    placementPass.reservation = made
    return made.isOfUse
  }

  /// Keeps the workers that a job could use from what is behind it, until the end of the call.
  mutating func reserve(for reserver: QueueKey) {
    guard isReservationOfUse(forJob: Int(reserver.job)) else { return }
    cluster.reserved = placementPass.reservation.workers
    placementPass.reserver = jobs.handle(Int(reserver.job))
    cluster.isReservationOn = true
    cluster.cursor.slot = 0
  }
}
