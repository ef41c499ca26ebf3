import EventModel

extension ControllerState {
  /// Everything that must outlive the process, without what can be derived and without the transaction log.
  public func save() -> SavedState {
    var saved = SavedState()
    saved.nowMs = nowMs
    saved.lastTransactionNumber = transactionLog.lastNumber
    saved.lastInsertionNumber = lastInsertionNumber
    saved.brakes = brakes
    var names = TextNumbers(of: cluster.names)
    var errorNumbers = TextNumbers(of: errors)
    saved.workerGenerations = cluster.liveness.map(\.generation)
    saved.freeWorkerSlots = cluster.freeSlotStack.slots
    saved.workers.reserveCapacity(totals.workers)
    saved.workerDetails.reserveCapacity(totals.workers)
    for slot in cluster.rows.indices where cluster.isOccupied(slot) {
      saved.workers.append(
        SavedWorker(
          slot: UInt32(slot), name: names[cluster.rows[slot].name],
          consecutiveFailures: cluster.liveness[slot].consecutiveFailures))
      saved.workerDetails.append(cluster.details[slot])
    }
    saved.jobGenerations = jobs.rows.map(\.generation)
    saved.freeJobSlots = jobs.freeSlotStack.slots
    saved.tasks.reserveCapacity(totals.tasks.total)
    saved.attempts.reserveCapacity(attempts.count)
    for slot in jobs.rows.indices where jobs.rows[slot].isOccupied {
      saved.jobs.append(savedJob(slot))
      for task in jobs.rows[slot].taskSlots {
        saved.tasks.append(savedTask(task, error: errorNumbers[tasks.rows[task].error]))
        appendAttempts(of: task, &saved, &names, &errorNumbers)
      }
    }
    saved.taskGenerations = tasks.rows.map(\.generation)
    saved.freeTaskRuns = tasks.runs.savedFreeRuns
    saved.endpoints = endpointTable.slotsInNameOrder.map {
      SavedEndpoint(name: endpointTable.rows[$0].name, taskSlot: endpointTable.rows[$0].task)
    }
    saved.drains = drains.inNameOrder.map {
      SavedDrain(
        worker: $0.name, reason: $0.drain.reason, submitter: $0.drain.submitter, startedMs: $0.drain.startedMs,
        graceMs: $0.drain.graceMs)
    }
    saved.earlierAssignments = earlierAssignments.sorted { $0.key < $1.key }.map {
      SavedAssignment(taskSlot: $0.key, assignedMs: $0.value)
    }
    saved.formerTimeoutMs = formerTimeout?.ms
    saved.workerNames = names.texts(in: cluster.names)
    saved.errors = errorNumbers.texts(in: errors)
    return saved
  }

  private func savedJob(_ slot: Int) -> SavedJob {
    let row = jobs.rows[slot]
    let detail = jobs.details[slot]
    return SavedJob(
      slot: UInt32(slot),
      name: detail.name,
      request: detail.request,
      parentName: detail.parentName,
      children: jobs.children(of: slot).map { UInt32($0) },
      depth: row.depth,
      state: row.state,
      error: detail.error,
      submittedMs: row.submittedMs,
      rootSubmittedMs: row.rootSubmittedMs,
      endedMs: row.state.isTerminal ? row.endedMs : nil,
      insertionNumber: row.insertionNumber,
      firstTaskSlot: row.firstTask,
      taskCount: UInt32(row.taskCount))
  }

  private func savedTask(_ slot: Int, error: UInt32) -> SavedTask {
    let row = tasks.rows[slot]
    return SavedTask(
      state: row.state,
      error: error,
      exitCode: row.hasExitCode ? row.exitCode : nil,
      failures: row.failures,
      preemptions: row.preemptions,
      deliveries: row.deliveries,
      attemptCount: row.attemptCount,
      stopping: tasks.isStopping(slot),
      schedulableMs: schedulableSince.isEmpty ? nil : schedulableSince[UInt32(slot)])
  }

  private func appendAttempts(
    of task: Int, _ saved: inout SavedState, _ names: inout TextNumbers, _ errorNumbers: inout TextNumbers
  ) {
    // The list runs from the newest to the oldest.
    var slots: [UInt32] = []
    var slot = tasks.rows[task].lastAttempt
    while slot != noSlot {
      slots.append(slot)
      slot = attempts[slot].previous
    }
    for slot in slots.reversed() {
      let row = attempts[slot]
      saved.attempts.append(
        SavedAttempt(
          number: row.number,
          state: row.state,
          worker: row.worker,
          workerName: names[row.workerName],
          startedMs: row.startedMs,
          runningMs: row.runningMs,
          endedMs: row.endedMs,
          exitCode: row.hasExitCode ? row.exitCode : nil,
          endReason: row.endReason,
          error: errorNumbers[row.error]))
    }
  }
}

/// Numbers the texts of a pool in the order in which they are asked for.
private struct TextNumbers {
  private var numbers: [UInt32]
  private var ids: [TextID] = []

  init(of pool: borrowing TextPool) {
    numbers = Array(repeating: SavedState.noText, count: pool.slotCount)
  }

  subscript(id: TextID) -> UInt32 {
    mutating get {
      guard !id.isNone else { return SavedState.noText }
      let slot = Int(id.rawValue)
      if numbers[slot] == SavedState.noText {
        numbers[slot] = UInt32(ids.count)
        ids.append(id)
      }
      return numbers[slot]
    }
  }

  func texts(in pool: borrowing TextPool) -> [String] {
    var texts: [String] = []
    texts.reserveCapacity(ids.count)
    for id in ids { texts.append(pool.text(id)) }
    return texts
  }
}
