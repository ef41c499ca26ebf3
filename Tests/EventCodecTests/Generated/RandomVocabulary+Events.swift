// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel

extension RandomVocabulary {
  mutating func body(_ kind: EventKind) -> Event.Body {
    switch kind {
    case .workerRegistered:
      let name: String = name()
      let address: String = label(0, Limits.nameBytes)
      let metadata: WorkerMetadata = metadata()
      let incarnation: String? = optional { $0.label(0, Limits.nameBytes) }
      return .workerRegistered(WorkerRegistration(name: name, address: address, metadata: metadata, incarnation: incarnation))
    case .workerHeartbeat:
      let worker: WorkerReference = reference()
      return .workerHeartbeat(worker)
    case .workerHeartbeatFailed:
      let worker: WorkerReference = reference()
      let error: String? = optional { $0.text(0, Limits.errorBytes) }
      return .workerHeartbeatFailed(worker, error: error)
    case .workerFailed:
      let worker: WorkerReference = reference()
      let cause: WorkerFailureCause = failureCause()
      return .workerFailed(worker, cause: cause)
    case .workerReconciled:
      let worker: WorkerReference = reference()
      let reported: [ReportedTask] = reported()
      return .workerReconciled(worker, reported: reported)
    case .jobSubmitted:
      let name: String = name()
      let request: JobRequest = request()
      return .jobSubmitted(name: name, request: request)
    case .jobCancelled:
      let job: JobReference = reference()
      let reason: String = text(0, Limits.errorBytes)
      return .jobCancelled(job, reason: reason)
    case .taskAssigned:
      let task: TaskReference = task()
      let worker: WorkerReference = reference()
      return .taskAssigned(task, worker: worker)
    case .taskStateChanged:
      let task: TaskReference = task()
      let attempt: UInt32 = integer(.min ... .max)
      let state: TaskState = taskState()
      let error: String? = optional { $0.text(0, Limits.errorBytes) }
      let exitCode: Int32? = optional { $0.integer(.min ... .max) }
      let endReason: EndReason? = optional { $0.code() }
      let cpuMs: Int64? = optional { $0.integer(Limits.usage) }
      let peakMemoryBytes: Int64? = optional { $0.integer(Limits.usage) }
      return .taskStateChanged(TaskReport(task: task, attempt: attempt, state: state, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes))
    case .taskPreempted:
      let task: TaskReference = task()
      let reason: String? = optional { $0.text(0, Limits.errorBytes) }
      return .taskPreempted(task, reason: reason)
    case .endpointRegistered:
      let task: TaskReference = task()
      let endpoint: String = label(1, Limits.nameBytes)
      return .endpointRegistered(task, endpoint: endpoint)
    case .tick:
      return .tick
    case .prune:
      return .prune
    case .schedulingDeadlinePassed:
      let task: TaskReference = task()
      return .schedulingDeadlinePassed(task)
    case .controllerStalled:
      let stalledMs: Int64 = integer(Limits.timeMs)
      return .controllerStalled(stalledMs: stalledMs)
    case .brakeEngaged:
      let zone: String = label(0, Limits.metadataBytes)
      let workers: Int32 = integer(0...Int32.max)
      let silentWorkers: Int32 = integer(0...workers)
      return .brakeEngaged(ZoneCensus(zone: zone, silentWorkers: silentWorkers, workers: workers))
    case .brakeReleased:
      let zone: String = label(0, Limits.metadataBytes)
      let workers: Int32 = integer(0...Int32.max)
      let silentWorkers: Int32 = integer(0...workers)
      return .brakeReleased(ZoneCensus(zone: zone, silentWorkers: silentWorkers, workers: workers))
    case .brakeOverridden:
      let zone: String = label(0, Limits.metadataBytes)
      let reason: String? = optional { $0.text(0, Limits.errorBytes) }
      return .brakeOverridden(zone: zone, reason: reason)
    case .clockCorrected:
      let aheadMs: Int64 = integer(Limits.timeMs)
      return .clockCorrected(aheadMs: aheadMs)
    case .workerDrain:
      let worker: WorkerReference = reference()
      let reason: String? = optional { $0.text(0, Limits.errorBytes) }
      let submitter: String? = optional { $0.label(0, Limits.nameBytes) }
      let graceMs: Int64? = optional { $0.integer(Limits.timeMs) }
      return .workerDrain(worker, reason: reason, submitter: submitter, graceMs: graceMs)
    case .workerResumed:
      let worker: WorkerReference = reference()
      let reason: String? = optional { $0.text(0, Limits.errorBytes) }
      return .workerResumed(worker, reason: reason)
    case .workerDrainPassed:
      let worker: WorkerReference = reference()
      return .workerDrainPassed(worker)
    case .taskStopped:
      let task: TaskReference = task()
      let attempt: UInt32 = integer(.min ... .max)
      let error: String? = optional { $0.text(0, Limits.errorBytes) }
      let exitCode: Int32? = optional { $0.integer(.min ... .max) }
      let endReason: EndReason? = optional { $0.code() }
      let cpuMs: Int64? = optional { $0.integer(Limits.usage) }
      let peakMemoryBytes: Int64? = optional { $0.integer(Limits.usage) }
      return .taskStopped(TaskStop(task: task, attempt: attempt, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes))
    case .taskTimedOut:
      let task: TaskReference = task()
      let attempt: UInt32 = integer(.min ... .max)
      return .taskTimedOut(task, attempt: attempt)
    case .assignmentTimedOut:
      let task: TaskReference = task()
      let attempt: UInt32 = integer(.min ... .max)
      return .assignmentTimedOut(task, attempt: attempt)
    }
  }

  mutating func metadata() -> WorkerMetadata {
    var metadata = WorkerMetadata(attributes: [])
    metadata.capacity.milliCPU = integer(Limits.milliCPU)
    metadata.capacity.memoryBytes = integer(Limits.memoryBytes)
    metadata.capacity.devices = devices()
    metadata.confirmsStops = chance(2)
    metadata.attributes = attributes()
    return metadata
  }

  mutating func request() -> JobRequest {
    var request = JobRequest()
    request.replicas = integer(.min ... .max)
    request.maxRetriesFailure = integer(Limits.retries)
    request.maxRetriesPreemption = integer(Limits.retries)
    request.maxTaskFailures = integer(Limits.retries)
    request.coscheduled = chance(2)
    request.resources.milliCPU = integer(Limits.milliCPU)
    request.resources.memoryBytes = integer(Limits.memoryBytes)
    request.resources.devices = devices()
    request.priority = integer(Limits.priority)
    request.constraints = constraints()
    request.schedulingTimeoutMs = optional { $0.integer(Limits.timeMs) }
    request.runTimeoutMs = integer(Limits.timeMs)
    request.retryDelayMs = integer(Limits.timeMs)
    request.retryDelayMaxMs = integer(Limits.timeMs)
    request.ifExists = code()
    request.parent = optional { $0.reference() }
    request.owner = optional { $0.label(0, Limits.nameBytes) }
    request.submitter = optional { $0.label(0, Limits.nameBytes) }
    request.submitterUid = integer(Limits.uid)
    request.reason = optional { $0.text(0, Limits.errorBytes) }
    request.specification = specification()
    return request
  }
}
