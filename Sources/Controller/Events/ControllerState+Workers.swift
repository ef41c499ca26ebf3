import EventModel

/// Workers come and go.
extension ControllerState {
  mutating func registerWorker(
    _ registration: WorkerRegistration, atMs timeMs: Int64, _ draft: inout TransactionDraft
  ) -> Outcome {
    let capacity = registration.metadata.capacity
    let known = cluster.slot(named: registration.name)
    guard capacity.isWithinLimits,
      cluster.kinds.hasRoom(for: capacity, insteadOf: known.map { cluster.totals[$0] } ?? Amounts())
    else { return .rejected(.malformed) }
    if let slot = known {
      if Self.isSame(cluster.details[slot].incarnation, registration.incarnation) {
        refreshWorker(slot, registration, atMs: timeMs, &draft)
        return .applied
      }
      let error = "worker \(registration.name) registered as another incarnation"
      loseWorker(slot, error: error, cause: .event, &draft)
    }
    guard let total = cluster.kinds.retain(capacity) else { preconditionFailure("there was room for its devices") }
    let detail = WorkerDetail(
      address: registration.address, metadata: registration.metadata, incarnation: registration.incarnation)
    let slot = cluster.add(
      name: registration.name, detail, total: total, heartbeatMs: timeMs,
      isDraining: drains[registration.name] != nil)
    noteChange(ofWorker: slot)
    // Its zone may be judged by itself from now on, and not with the rest, whose brake may be engaged.
    let zoneWorkers = cluster.zones.rows[Int(cluster.rows[slot].zone)].workers
    if zoneWorkers == Int(configuration.brakeMinimumWorkers) { deliveries.lookAtAllAgain() }
    rowSum &-= Self.generationDigest(.workerGeneration, slot, cluster.liveness[slot].generation)
    rowSum &+= workerDigest(slot)
    totals.workers += 1
    totals.capacity += total
    noteGainOfAll(on: slot)
    let subject = cluster.subject(slot)
    draft.subject = subject
    draft.add(.workerRegistered, subject, cause: .event)
    return .applied
  }

  /// To a task that looks for a worker.
  private static func isSame(_ some: WorkerMetadata, _ other: WorkerMetadata) -> Bool {
    some.capacity == other.capacity
      && some.attributes.elementsEqual(other.attributes) { $0.key.isSame(as: $1.key) && $0.value.isSame(as: $1.value) }
  }

  private static func isSame(_ some: String?, _ other: String?) -> Bool {
    if let some, let other { some.isSame(as: other) } else { some == nil && other == nil }
  }

  private mutating func refreshWorker(
    _ slot: Int, _ registration: WorkerRegistration, atMs timeMs: Int64, _ draft: inout TransactionDraft
  ) {
    rowSum &-= workerDigest(slot)
    defer { rowSum &+= workerDigest(slot) }
    cluster.refreshLiveness(slot, atMs: timeMs)
    cluster.details[slot].address = registration.address
    let isChanged = !Self.isSame(cluster.details[slot].metadata, registration.metadata)
    cluster.details[slot].metadata = registration.metadata
    // It costs as much as there are rules, and a whole fleet may register again at once.
    if isChanged || cluster.confirmsStops(slot) != registration.metadata.confirmsStops { cluster.noteMetadata(slot) }
    if cluster.moveToZone(registration.metadata.zone, slot) { deliveries.lookAtAllAgain() }
    if isChanged {
      cluster.kinds.release(cluster.totals[slot])
      guard let total = cluster.kinds.retain(registration.metadata.capacity) else {
        preconditionFailure("there was room for its devices")
      }
      totals.capacity += total - cluster.totals[slot]
      cluster.totals[slot] = total
      cluster.updateCapacity(slot)
      noteChange(ofWorker: slot)
      // It may meet the constraints of others than before, or be kept no more.
      noteGainOfAll(on: slot)
    }
    let subject = cluster.subject(slot)
    draft.subject = subject
    draft.add(.workerHeartbeat, subject, cause: .event)
  }

  mutating func failWorker(
    _ worker: WorkerReference, _ cause: WorkerFailureCause, _ draft: inout TransactionDraft
  ) -> Outcome {
    guard let slot = workerSlot(worker) else { return .rejected(.unknownWorker) }
    draft.subject = cluster.subject(slot)
    if case .timedOut = cause { countExpiry(ofWorker: slot) }
    loseWorker(slot, error: cause.error, cause: .event, &draft)
    return .applied
  }

  /// Takes a worker's tasks from it, one by one with their cascades, and then the worker itself away.
  mutating func loseWorker(_ slot: Int, error: String?, cause: Cause, _ draft: inout TransactionDraft) {
    let subject = cluster.subject(slot)
    let failed = draft.add(.workerFailed, subject, cause: cause)
    draft.lostWorker = UInt32(slot)
    endGrace(ofWorker: cluster.name(slot))
    cluster.beginRemoval(slot)
    for task in stoppingTasks(of: slot) { confirmStop(of: task, cause: failed, &draft) }
    let errorText = errors.add(error)
    draft.reserveCapacity(forTasks: Int(cluster.rows[slot].runningCount))
    for task in runningTasks(of: slot) where isActive(task, on: slot) {
      // A cascade of an earlier task may have taken this one away: then the row names no worker.
      loseTask(task, error: errorText, killsProcess: false, cause: failed, &draft)
    }
    errors.release(errorText)
    draft.add(.workerPruned, subject, cause: failed)
    totals.workers -= 1
    totals.capacity -= cluster.totals[slot]
    rowSum &-= workerDigest(slot)
    cluster.remove(slot)
    noteChange(ofWorker: slot)
    rowSum &+= workerDigest(slot)
    draft.lostWorker = noSlot
  }
}
