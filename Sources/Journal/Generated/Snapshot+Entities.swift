// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import Controller
import EventModel

extension ByteSink {
  mutating func put(_ value: SavedWorker) {
    put(value.slot)
    put(textNumber: value.name)
    put(value.consecutiveFailures)
  }

  mutating func put(_ value: SavedJob) {
    put(value.slot)
    put(plain: value.name)
    put(value.request)
    put(value.parentName)
    put(value.children)
    put(value.depth)
    put(value.state.rawValue)
    put(value.error)
    put(value.submittedMs)
    put(value.rootSubmittedMs)
    put(value.endedMs)
    put(value.insertionNumber)
    put(value.firstTaskSlot)
    put(value.taskCount)
  }

  mutating func put(_ value: SavedTask) {
    put(value.state.rawValue)
    put(textNumber: value.error)
    put(value.exitCode)
    put(value.failures)
    put(value.preemptions)
    put(value.deliveries)
    put(value.attemptCount)
    put(value.stopping)
    put(value.schedulableMs)
  }

  mutating func put(_ value: SavedAttempt) {
    put(value.number)
    put(value.state.rawValue)
    put(value.worker.rawValue)
    put(textNumber: value.workerName)
    put(value.startedMs)
    put(value.runningMs)
    put(value.endedMs)
    put(value.exitCode)
    put(value.endReason?.rawValue ?? 0)
    put(textNumber: value.error)
  }

  mutating func put(_ value: SavedDrain) {
    put(plain: value.worker)
    put(plain: value.reason)
    put(plain: value.submitter)
    put(value.startedMs)
    put(value.graceMs)
  }

  mutating func put(_ value: SavedTaskRun) {
    put(value.firstSlot)
    put(value.slots)
  }

  mutating func put(_ value: SavedAssignment) {
    put(value.taskSlot)
    put(value.assignedMs)
  }

  mutating func put(_ value: SavedEndpoint) {
    put(plain: value.name)
    put(value.taskSlot)
  }

  mutating func put(_ value: ZoneBrake) {
    put(value.zone)
    put(value.engagedMs)
    put(value.silentWorkers)
    put(value.workers)
    put(value.expiredWorkers)
    put(value.isOverridden)
  }

  mutating func put(_ value: JobRequest) {
    let start = beginFrame()
    put(value.replicas)
    put(value.maxRetriesFailure)
    put(value.maxRetriesPreemption)
    put(value.maxTaskFailures)
    put(value.coscheduled)
    put(value.resources.milliCPU)
    put(value.resources.memoryBytes)
    put(value.resources.devices)
    put(value.priority)
    put(value.constraints)
    put(value.schedulingTimeoutMs)
    put(value.runTimeoutMs)
    put(value.retryDelayMs)
    put(value.retryDelayMaxMs)
    put(value.ifExists.rawValue)
    put(value.parent)
    put(value.owner)
    put(value.submitter)
    put(value.submitterUid)
    put(value.reason)
    put(value.specification)
    endFrame(start)
  }
}

extension ByteSource {
  mutating func savedWorker(_ counts: TextCounts) throws(Fault) -> SavedWorker {
    let slot: UInt32 = try unsigned()
    let name: UInt32 = try textNumber(below: counts.names, isNeeded: true)
    let consecutiveFailures: Int16 = try signed()
    return SavedWorker(slot: slot, name: name, consecutiveFailures: consecutiveFailures)
  }

  mutating func savedJob(_ counts: TextCounts) throws(Fault) -> SavedJob {
    let slot: UInt32 = try unsigned()
    let name: String = try plainText()
    let request: JobRequest = try jobRequest(counts)
    let parentName: String? = try optionalText()
    let children: [UInt32] = try numbers()
    let depth: Int32 = try signed()
    let state: JobState = try code("state")
    let error: String? = try optionalText()
    let submittedMs: Int64 = try signed()
    let rootSubmittedMs: Int64 = try signed()
    let endedMs: Int64? = try optionalSigned()
    let insertionNumber: UInt64 = try unsigned()
    let firstTaskSlot: UInt32 = try unsigned()
    let taskCount: UInt32 = try unsigned()
    return SavedJob(slot: slot, name: name, request: request, parentName: parentName, children: children, depth: depth, state: state, error: error, submittedMs: submittedMs, rootSubmittedMs: rootSubmittedMs, endedMs: endedMs, insertionNumber: insertionNumber, firstTaskSlot: firstTaskSlot, taskCount: taskCount)
  }

  mutating func savedTask(_ counts: TextCounts) throws(Fault) -> SavedTask {
    let state: TaskState = try code("state")
    let error: UInt32 = try textNumber(below: counts.errors, isNeeded: false)
    let exitCode: Int32? = try optionalSigned()
    let failures: Int32 = try signed()
    let preemptions: Int32 = try signed()
    let deliveries: Int32 = try signed()
    let attemptCount: UInt32 = try unsigned()
    let stopping: Bool = try flag()
    let schedulableMs: Int64? = try optionalSigned()
    return SavedTask(state: state, error: error, exitCode: exitCode, failures: failures, preemptions: preemptions, deliveries: deliveries, attemptCount: attemptCount, stopping: stopping, schedulableMs: schedulableMs)
  }

  mutating func savedAttempt(_ counts: TextCounts) throws(Fault) -> SavedAttempt {
    let number: UInt32 = try unsigned()
    let state: TaskState = try code("state")
    let worker: WorkerHandle = WorkerHandle(rawValue: try unsigned())
    let workerName: UInt32 = try textNumber(below: counts.names, isNeeded: true)
    let startedMs: Int64 = try signed()
    let runningMs: Int64? = try optionalSigned()
    let endedMs: Int64? = try optionalSigned()
    let exitCode: Int32? = try optionalSigned()
    let endReason: EndReason? = try optionalCode("endReason")
    let error: UInt32 = try textNumber(below: counts.errors, isNeeded: false)
    return SavedAttempt(number: number, state: state, worker: worker, workerName: workerName, startedMs: startedMs, runningMs: runningMs, endedMs: endedMs, exitCode: exitCode, endReason: endReason, error: error)
  }

  mutating func savedDrain(_ counts: TextCounts) throws(Fault) -> SavedDrain {
    let worker: String = try plainText()
    let reason: String? = try optionalPlainText()
    let submitter: String? = try optionalPlainText()
    let startedMs: Int64 = try signed()
    let graceMs: Int64? = try optionalSigned()
    return SavedDrain(worker: worker, reason: reason, submitter: submitter, startedMs: startedMs, graceMs: graceMs)
  }

  mutating func savedTaskRun(_ counts: TextCounts) throws(Fault) -> SavedTaskRun {
    let firstSlot: UInt32 = try unsigned()
    let slots: UInt32 = try unsigned()
    return SavedTaskRun(firstSlot: firstSlot, slots: slots)
  }

  mutating func savedAssignment(_ counts: TextCounts) throws(Fault) -> SavedAssignment {
    let taskSlot: UInt32 = try unsigned()
    let assignedMs: Int64 = try signed()
    return SavedAssignment(taskSlot: taskSlot, assignedMs: assignedMs)
  }

  mutating func savedEndpoint(_ counts: TextCounts) throws(Fault) -> SavedEndpoint {
    let name: String = try plainText()
    let taskSlot: UInt32 = try unsigned()
    return SavedEndpoint(name: name, taskSlot: taskSlot)
  }

  mutating func zoneBrake(_ counts: TextCounts) throws(Fault) -> ZoneBrake {
    let zone: String = try text()
    let engagedMs: Int64 = try signed()
    let silentWorkers: Int32 = try signed()
    let workers: Int32 = try signed()
    let expiredWorkers: Int32 = try signed()
    let isOverridden: Bool = try flag()
    return ZoneBrake(zone: zone, engagedMs: engagedMs, silentWorkers: silentWorkers, workers: workers, expiredWorkers: expiredWorkers, isOverridden: isOverridden)
  }

  mutating func jobRequest(_ counts: TextCounts) throws(Fault) -> JobRequest {
    let end = try frame()
    let replicas: Int32 = try signed()
    let maxRetriesFailure: Int32 = try signed()
    let maxRetriesPreemption: Int32 = try signed()
    let maxTaskFailures: Int32 = try signed()
    let coscheduled: Bool = try flag()
    let resources_milliCPU: Int64 = try signed()
    let resources_memoryBytes: Int64 = try signed()
    let resources_devices: DeviceCounts = try deviceCounts(counts)
    let priority: Int32 = try signed()
    let constraints: Constraints = try constraints(counts)
    let schedulingTimeoutMs: Int64? = try optionalSigned()
    let runTimeoutMs: Int64 = try signed()
    let retryDelayMs: Int64 = try signed()
    let retryDelayMaxMs: Int64 = try signed()
    let ifExists: IfExists = try code("ifExists")
    let parent: JobReference? = try jobReference()
    let owner: String? = try optionalText()
    let submitter: String? = try optionalText()
    let submitterUid: Int64 = try signed()
    let reason: String? = try optionalText()
    let specification: Specification = try specification(counts)
    try leave(frame: end)
    var value = JobRequest()
    value.replicas = replicas
    value.maxRetriesFailure = maxRetriesFailure
    value.maxRetriesPreemption = maxRetriesPreemption
    value.maxTaskFailures = maxTaskFailures
    value.coscheduled = coscheduled
    value.resources.milliCPU = resources_milliCPU
    value.resources.memoryBytes = resources_memoryBytes
    value.resources.devices = resources_devices
    value.priority = priority
    value.constraints = constraints
    value.schedulingTimeoutMs = schedulingTimeoutMs
    value.runTimeoutMs = runTimeoutMs
    value.retryDelayMs = retryDelayMs
    value.retryDelayMaxMs = retryDelayMaxMs
    value.ifExists = ifExists
    value.parent = parent
    value.owner = owner
    value.submitter = submitter
    value.submitterUid = submitterUid
    value.reason = reason
    value.specification = specification
    return value
  }
}
