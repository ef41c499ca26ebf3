import CRingmaster
import Controller
import EventModel

/// The payload, in this order: configuration (the raw record's numbers), ledger, clocks and counters, brakes, the names of
/// workers, workers, jobs, errors, tasks, attempts, endpoints, dead letters. Every list is preceded by its count, every optional value by
/// whether there is one. Tasks stand job after job and attempts task after task, so that they are read into flat arrays;
/// names and errors are told once and numbered.
extension ByteSink {
  mutating func put(_ snapshot: Snapshot) {
    let configuration = rm_journal_configuration(snapshot.configuration)
    withUnsafeBytes(of: configuration) { put($0) }
    put(snapshot.ledger)
    put(snapshot.state)
    put(snapshot.letters)
  }

  private mutating func put(_ ledger: PeerLedger) {
    put(count: ledger.epochs.count)
    for epoch in ledger.epochs {
      put(epoch.number)
      put(epoch.after)
    }
    put(ledger.ownEvents)
    put(ledger.lastPeerID)
    put(count: ledger.peers.count)
    for entry in ledger.peers {
      put(entry.peer.id)
      put(entry.peer.epoch)
      put(entry.peer.lane)
      put(entry.peer.name)
      put(entry.peer.role)
      put(entry.peer.uid)
      put(entry.peer.pid)
      put(entry.peer.submissionCapacity)
      put(entry.peer.resultCapacity)
      entry.peer.tokenHash.withUnsafeBytes { put($0) }
      put(entry.nextPosition)
      put(entry.lastResult.asOf)
      put(entry.lastResult.isOfTransaction)
    }
  }

  private mutating func put(_ state: SavedState) {
    put(state.nowMs)
    put(state.lastTransactionNumber)
    put(state.lastInsertionNumber)
    put(count: state.brakes.count)
    for brake in state.brakes {
      put(brake.zone)
      put(brake.engagedMs)
      put(brake.silentWorkers)
      put(brake.workers)
      put(brake.expiredWorkers)
      put(brake.isOverridden)
    }
    putAll(state.workerGenerations)
    putAll(state.freeWorkerSlots)
    putAll(state.workerNames)
    put(count: state.workers.count)
    for (worker, detail) in zip(state.workers, state.workerDetails) { put(worker, detail) }
    putAll(state.jobGenerations)
    putAll(state.freeJobSlots)
    put(count: state.jobs.count)
    for job in state.jobs { put(job) }
    putAll(state.errors)
    put(count: state.tasks.count)
    for task in state.tasks { put(task) }
    put(count: state.attempts.count)
    for attempt in state.attempts { put(attempt) }
    putAll(state.taskGenerations)
    put(count: state.freeTaskRuns.count)
    for run in state.freeTaskRuns {
      put(run.firstSlot)
      put(run.slots)
    }
    put(count: state.endpoints.count)
    for endpoint in state.endpoints {
      put(plain: endpoint.name)
      put(endpoint.taskSlot)
    }
  }

  private mutating func putAll(_ numbers: [UInt32]) {
    put(count: numbers.count)
    for number in numbers { put(number) }
  }

  private mutating func putAll(_ texts: [String]) {
    put(count: texts.count)
    for text in texts { put(plain: text) }
  }

  private mutating func put(_ worker: SavedWorker, _ detail: WorkerDetail) {
    put(worker.slot)
    put(worker.name)
    put(plain: detail.address)
    put(detail.metadata.capacity)
    put(count: detail.metadata.attributes.count)
    for attribute in detail.metadata.attributes {
      put(attribute.key)
      put(attribute.value)
    }
    put(detail.incarnation != nil)
    if let incarnation = detail.incarnation { put(plain: incarnation) }
    put(worker.consecutiveFailures)
  }

  private mutating func put(_ resources: Resources) {
    put(resources.milliCPU)
    put(resources.memoryBytes)
    put(count: resources.devices.all.count)
    for device in resources.devices.all {
      put(plain: device.name)
      put(device.count)
    }
  }

  private mutating func put(_ job: SavedJob) {
    put(job.slot)
    put(plain: job.name)
    put(job.request)
    put(job.parentName)
    putAll(job.children)
    put(job.depth)
    put(job.state.rawValue)
    put(job.error)
    put(job.submittedMs)
    put(job.rootSubmittedMs)
    put(job.endedMs)
    put(job.insertionNumber)
    put(job.firstTaskSlot)
    put(job.taskCount)
  }

  private mutating func put(_ request: JobRequest) {
    put(request.replicas)
    put(request.maxRetriesFailure)
    put(request.maxRetriesPreemption)
    put(request.maxTaskFailures)
    put(request.coscheduled)
    put(request.resources)
    put(request.schedulingTimeoutMs)
    switch request.parent {
    case nil: put(0 as UInt64)
    case .handle(let handle):
      put(1 as UInt64)
      put(handle.rawValue)
    case .name(let name):
      put(2 as UInt64)
      put(name)
    }
    put(request.owner)
    put(request.reason)
  }

  private mutating func put(_ task: SavedTask) {
    put(task.state.rawValue)
    put(textNumber: task.error)
    put(task.exitCode)
    put(task.failures)
    put(task.preemptions)
    put(task.deliveries)
    put(task.attemptCount)
  }

  private mutating func put(_ attempt: SavedAttempt) {
    put(attempt.number)
    put(attempt.state.rawValue)
    put(attempt.worker.rawValue)
    put(textNumber: attempt.workerName)
    put(attempt.startedMs)
    put(attempt.endedMs)
    put(attempt.exitCode)
    put(textNumber: attempt.error)
  }

  /// Counted from 1; 0 for none.
  private mutating func put(textNumber number: UInt32) {
    put(number &+ 1)
  }
}
