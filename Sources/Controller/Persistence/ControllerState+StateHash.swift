import EventModel

/// The rows that a sum of digests leaves out because they are being changed, to be put back when they have been.
struct OpenRows: ~Copyable, Sendable {
  /// A cascade puts its rows back in batches of so many, while the caches still hold them.
  static var batch: Int { 64 }

  private var isOpen = SlotSet()
  private(set) var slots: [UInt32] = []

  func contains(_ slot: Int) -> Bool {
    !slots.isEmpty && isOpen.contains(slot)
  }

  /// - Parameter count: rows of the table.
  mutating func open(_ slot: Int, of count: Int) {
    isOpen.grow(toSlots: count)
    isOpen.insert(slot)
    slots.append(UInt32(slot))
  }

  mutating func close() -> UInt32? {
    guard let slot = slots.popLast() else { return nil }
    isOpen.remove(Int(slot))
    return slot
  }
}

extension ControllerState {
  /// A digest of the state that must be the same after the same events, on any machine and in any build or run: compare it
  /// after each transaction with that of a replay.
  ///
  /// It covers all that `save` holds but the two counters of time and transactions, which every transaction carries itself:
  /// - workers: slot, generation, name, address, metadata, incarnation, failed heartbeats in a row;
  /// - jobs: slot, generation, request, tree, state, times, error, order of submission;
  /// - tasks and all their attempts: states, counters, errors, exit codes, workers, times;
  /// - endpoints, drains, engaged brakes, and the generations and the order of free slots, on which the handles of what is created
  ///   later depend.
  ///
  /// It does not cover since when the delivery of a task is waited for, what heartbeats alone change (last-heartbeat times, and the logical clock where only a heartbeat
  /// moved it), what can be derived (queue, running sets, committed capacity, counts), the scheduler's notes and the
  /// transaction log. A heartbeat that ends a row of failed ones changes state, and goes through `handle` for that.
  ///
  /// Kept up to date row by row: reading it is O(engaged brakes).
  public var stateHash: UInt64 {
    hash(
      rowSum: rowSum, linkSum: jobs.linkSum, endpointSum: endpointTable.digestSum &+ drains.digestSum,
      freeSlotSum: cluster.freeSlotStack.digestSum &+ jobs.freeSlotStack.digestSum &+ tasks.runs.digestSum)
  }

  /// `stateHash`, made of the rows alone. O(everything): for tests and verification.
  public func recomputedStateHash() -> UInt64 {
    hash(
      rowSum: recomputedRowSum(), linkSum: jobs.recomputedLinkSum,
      endpointSum: endpointTable.recomputedDigestSum &+ drains.recomputedDigestSum,
      freeSlotSum: cluster.freeSlotStack.recomputedDigestSum &+ jobs.freeSlotStack.recomputedDigestSum
        &+ tasks.runs.recomputedDigestSum)
  }

  private func hash(rowSum: UInt64, linkSum: UInt64, endpointSum: UInt64, freeSlotSum: UInt64) -> UInt64 {
    var digest = StateDigest(.state)
    digest.add(rowSum)
    digest.add(linkSum)
    digest.add(endpointSum)
    digest.add(freeSlotSum)
    digest.add(lastInsertionNumber)
    digest.add(UInt32(cluster.rows.count), UInt32(jobs.rows.count))
    digest.add(UInt64(tasks.rows.count))
    for brake in brakes { digest.add(brake.digest) }
    return digest.finished
  }

  func recomputedRowSum() -> UInt64 {
    var sum: UInt64 = 0
    for slot in cluster.rows.indices { sum &+= workerDigest(slot) }
    for slot in jobs.rows.indices { sum &+= jobs.digest(slot) }
    for slot in tasks.rows.indices {
      sum &+= taskDigest(slot)
      var attempt = tasks.rows[slot].lastAttempt
      while attempt != noSlot {
        sum &+= attemptDigest(attempt, ofTask: slot)
        attempt = attempts[attempt].previous
      }
    }
    return sum
  }

  /// Takes a task and its newest attempt out of the sum. Precedes each change of either: whoever has opened another task
  /// since opens this one again.
  @inline(__always)
  mutating func openTask(_ slot: Int) {
    if !openTasks.contains(slot) { openClosedTask(slot) }
  }

  @inline(never)
  private mutating func openClosedTask(_ slot: Int) {
    if openTasks.slots.count == OpenRows.batch { closeTasks() }
    openTasks.open(slot, of: tasks.rows.count)
    rowSum &-= openTaskDigest(slot)
  }

  /// The same for a job.
  mutating func openJob(_ slot: Int) {
    guard !openJobs.contains(slot) else { return }
    openJobs.open(slot, of: jobs.rows.count)
    rowSum &-= jobs.digest(slot)
  }

  /// Puts the rows that the event changed back into the sum.
  @inline(__always)
  mutating func closeRows() {
    closeTasks()
    while let slot = openJobs.close() { rowSum &+= jobs.digest(Int(slot)) }
  }

  private mutating func closeTasks() {
    while let slot = openTasks.close() { rowSum &+= openTaskDigest(Int(slot)) }
  }

  private func openTaskDigest(_ slot: Int) -> UInt64 {
    let attempt = tasks.rows[slot].lastAttempt
    let own = taskDigest(slot)
    return attempt == noSlot ? own : own &+ attemptDigest(attempt, ofTask: slot)
  }

  /// Of a task, without its attempts.
  @inline(__always)
  func taskDigest(_ slot: Int) -> UInt64 {
    var own = tasks.digest(slot, errors)
    if !earlierAssignments.isEmpty, let assignedMs = earlierAssignments[UInt32(slot)] {
      own &+= StateDigest.ofEntry(.earlierAssignment, position: slot, UInt64(bitPattern: assignedMs))
    }
    guard !schedulableSince.isEmpty, let sinceMs = schedulableSince[UInt32(slot)] else { return own }
    return own &+ StateDigest.ofEntry(.schedulable, position: slot, UInt64(bitPattern: sinceMs))
  }

  func attemptDigest(_ attempt: UInt32, ofTask task: Int) -> UInt64 {
    let row = attempts[attempt]
    var digest = StateDigest(.attempt)
    digest.add(StateDigest.word(UInt32(task), row.number), row.worker.rawValue)
    digest.add(cluster.names.digest(row.workerName), UInt64(bitPattern: row.startedMs))
    digest.add(errors.digest(row.error), UInt64(bitPattern: row.endedMs ?? row.runningMs ?? 0))
    digest.add(
      StateDigest.word(UInt32(row.state.rawValue) | row.endReasonBits, row.hasExitCode ? 1 : 0),
      UInt64(UInt32(bitPattern: row.hasExitCode ? row.exitCode : 0)))
    return digest.finished
  }

  func workerDigest(_ slot: Int) -> UInt64 {
    let generation = cluster.liveness[slot].generation
    guard cluster.isOccupied(slot) else { return Self.generationDigest(.workerGeneration, slot, generation) }
    let detail = cluster.details[slot]
    var digest = StateDigest(.worker)
    digest.add(UInt32(slot), generation)
    digest.add(cluster.names.digest(cluster.rows[slot].name))
    digest.add(detail.address)
    digest.add(detail.incarnation)
    digest.add(detail.metadata.capacity)
    if detail.metadata.confirmsStops { digest.add(1 as UInt64) }
    for attribute in detail.metadata.attributes {
      digest.add(attribute.key)
      digest.add(attribute.value)
    }
    digest.add(Int64(cluster.liveness[slot].consecutiveFailures))
    return digest.finished
  }

  /// Of a slot that holds no row. A slot that never held one has generation 1 and adds nothing.
  static func generationDigest(_ domain: StateDigest.Domain, _ slot: Int, _ generation: UInt32) -> UInt64 {
    generation == 1 ? 0 : StateDigest.ofEntry(domain, position: slot, UInt64(generation))
  }
}

extension TaskTable {
  func digest(_ slot: Int, _ errors: borrowing TextPool) -> UInt64 {
    let row = rows[slot]
    guard row.job != noSlot else {
      return ControllerState.generationDigest(.taskGeneration, slot, row.generation)
    }
    var digest = StateDigest(.task)
    digest.add(StateDigest.word(UInt32(slot), row.generation), StateDigest.word(row.job, row.attemptCount))
    digest.add(
      StateDigest.word(UInt32(row.state.rawValue) | (row.isStopping ? 1 << 8 : 0), row.hasExitCode ? 1 : 0),
      StateDigest.word(row.failures, row.preemptions))
    digest.add(StateDigest.word(row.deliveries, row.hasExitCode ? row.exitCode : 0), errors.digest(row.error))
    return digest.finished
  }
}

extension JobTable {
  /// Of a job, without its links.
  func digest(_ slot: Int) -> UInt64 {
    let row = rows[slot]
    guard row.isOccupied else { return ControllerState.generationDigest(.jobGeneration, slot, row.generation) }
    var digest = StateDigest(.job)
    digest.add(UInt32(slot), row.generation)
    digest.add(row.requestDigest)
    digest.add(row.firstTask, UInt32(bitPattern: row.taskCount))
    digest.add(UInt64(row.state.rawValue))
    digest.add(row.state.isTerminal ? row.endedMs : 0)
    digest.add(details[slot].error)
    return digest.finished
  }

  /// Of what never changes about a job.
  static func requestDigest(_ row: JobRow, _ detail: JobDetail) -> UInt64 {
    var digest = StateDigest(.jobRequest)
    digest.add(detail.name)
    digest.add(detail.parentName)
    digest.add(detail.request)
    digest.add(row.submittedMs)
    digest.add(row.rootSubmittedMs)
    digest.add(row.insertionNumber)
    digest.add(Int64(row.depth))
    return digest.finished
  }
}
