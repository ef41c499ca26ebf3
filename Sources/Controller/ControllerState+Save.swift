import EventModel

extension ControllerState {
  /// Everything that must outlive the process, without what can be derived and without the transaction log.
  public func save() -> SavedState {
    var saved = SavedState()
    saved.nowMs = nowMs
    saved.lastTransactionNumber = transactionLog.lastNumber
    saved.lastInsertionNumber = lastInsertionNumber
    saved.brakes = brakes
    saved.workerGenerations = cluster.liveness.map(\.generation)
    saved.freeWorkerSlots = cluster.freeSlotStack.slots
    saved.workers = cluster.rows.indices.filter { cluster.isOccupied($0) }.map { savedWorker($0) }
    saved.jobGenerations = jobs.rows.map(\.generation)
    saved.freeJobSlots = jobs.freeSlotStack.slots
    saved.jobs = jobs.rows.indices.filter { jobs.rows[$0].isOccupied }.map { savedJob($0) }
    saved.taskGenerations = tasks.rows.map(\.generation)
    saved.freeTaskRuns = tasks.runs.savedFreeRuns
    saved.endpoints = endpointTable.slotsInNameOrder.map {
      SavedEndpoint(name: endpointTable.rows[$0].name, taskSlot: endpointTable.rows[$0].task)
    }
    return saved
  }

  private func savedWorker(_ slot: Int) -> SavedWorker {
    let detail = cluster.details[slot]
    return SavedWorker(
      slot: UInt32(slot),
      name: cluster.name(slot),
      address: detail.address,
      metadata: detail.metadata,
      incarnation: detail.incarnation,
      consecutiveFailures: cluster.liveness[slot].consecutiveFailures)
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
      tasks: row.taskSlots.map { savedTask($0) })
  }

  private func savedTask(_ slot: Int) -> SavedTask {
    let row = tasks.rows[slot]
    return SavedTask(
      state: row.state,
      error: errors.optionalText(row.error),
      exitCode: row.hasExitCode ? row.exitCode : nil,
      failures: row.failures,
      preemptions: row.preemptions,
      deliveries: row.deliveries,
      attempts: attemptViews(ofTask: slot))
  }
}
