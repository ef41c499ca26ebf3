import CRingmaster
import Controller
import EventModel

/// The payload, in this order: configuration (the raw record's numbers), ledger, clocks and counters, brakes, the names of
/// workers, workers, jobs, errors, tasks, attempts, endpoints, drains, dead letters, sources. Every list is preceded by its count, every optional value by
/// whether there is one. Tasks stand job after job and attempts task after task, so that they are read into flat arrays;
/// names and errors are told once and numbered.
extension ByteSink {
  mutating func put(_ snapshot: Snapshot) {
    let configuration = rm_journal_configuration(snapshot.configuration)
    withUnsafeBytes(of: configuration) { put($0) }
    put(snapshot.ledger)
    put(snapshot.state)
    put(snapshot.letters)
    put(snapshot.ledger.sources)
  }

  private mutating func put(_ sources: SourceLedger) {
    put(sources.uses)
    let lives = sources.sorted
    put(count: lives.count)
    for (key, life) in lives {
      put(key.uid)
      put(plain: key.name)
      put(life.incarnation)
      put(life.lastUse)
      put(count: life.said.count)
      for said in life.said {
        put(said.sequence)
        put(said.kind)
        put(said.transaction)
        put(said.isAccepted)
      }
    }
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
    for brake in state.brakes { put(brake) }
    put(state.workerGenerations)
    put(state.freeWorkerSlots)
    put(state.workerNames)
    put(count: state.workers.count)
    for (worker, detail) in zip(state.workers, state.workerDetails) {
      put(worker)
      put(detail)
    }
    put(state.jobGenerations)
    put(state.freeJobSlots)
    put(count: state.jobs.count)
    for job in state.jobs { put(job) }
    put(state.errors)
    put(count: state.tasks.count)
    for task in state.tasks { put(task) }
    put(count: state.attempts.count)
    for attempt in state.attempts { put(attempt) }
    put(state.taskGenerations)
    put(count: state.freeTaskRuns.count)
    for run in state.freeTaskRuns { put(run) }
    put(count: state.endpoints.count)
    for endpoint in state.endpoints { put(endpoint) }
    put(count: state.drains.count)
    for drain in state.drains { put(drain) }
    put(count: state.earlierAssignments.count)
    for assignment in state.earlierAssignments { put(assignment) }
    put(state.formerTimeoutMs)
  }

  mutating func put(_ numbers: [UInt32]) {
    put(count: numbers.count)
    for number in numbers { put(number) }
  }

  private mutating func put(_ texts: [String]) {
    put(count: texts.count)
    for text in texts { put(plain: text) }
  }

  private mutating func put(_ detail: WorkerDetail) {
    put(plain: detail.address)
    put(detail.metadata.capacity.milliCPU)
    put(detail.metadata.capacity.memoryBytes)
    put(detail.metadata.capacity.devices)
    put(detail.metadata.confirmsStops)
    put(count: detail.metadata.attributes.count)
    for attribute in detail.metadata.attributes {
      put(attribute.key)
      put(attribute.value)
    }
    put(plain: detail.incarnation)
  }

  mutating func put(_ constraints: Constraints) {
    put(constraints.require)
    put(constraints.forbid)
  }

  private mutating func put(_ values: AttributeValues) {
    put(count: values.all.count)
    for entry in values.all {
      put(plain: entry.attribute)
      put(count: entry.values.count)
      for value in entry.values { put(plain: value) }
    }
  }

  mutating func put(_ specification: Specification) {
    put(!specification.isEmpty)
    if specification.isEmpty { return }
    let fields = specification.fields
    put(count: fields.command.count)
    for argument in fields.command { put(plain: argument) }
    put(plain: fields.script)
    put(count: fields.environment.count)
    for variable in fields.environment {
      put(plain: variable.name)
      put(plain: variable.value)
    }
    put(plain: fields.workingDirectory)
    put(plain: fields.user)
    put(fields.stopTimeoutMs)
    put(plain: fields.stopSignal)
    put(fields.whenCutOff?.rawValue ?? 0)
    put(fields.tasksMax)
    put(count: fields.credentials.count)
    for name in fields.credentials { put(plain: name) }
    put(fields.sandbox?.rawValue ?? 0)
  }

  mutating func put(_ devices: DeviceCounts) {
    put(count: devices.all.count)
    for device in devices.all {
      put(plain: device.name)
      put(device.count)
    }
  }

  mutating func put(_ job: JobReference?) {
    switch job {
    case nil: put(0 as UInt64)
    case .handle(let handle):
      put(1 as UInt64)
      put(handle.rawValue)
    case .name(let name):
      put(2 as UInt64)
      put(name)
    }
  }

  /// Counted from 1; 0 for none.
  mutating func put(textNumber number: UInt32) {
    put(number &+ 1)
  }
}
