import EventJSON
import EventModel

/// Simpler forms of a step, for the search for a small counter-example: the boldest first, each of them smaller by a
/// measure of its own, so that the search comes to an end.
extension ScriptStep {
  var simplerForms: [ScriptStep] {
    guard case .event(let event) = self else { return [] }
    return event.body.simplerForms.map { body in
      .event(Event(id: event.id, timestampMs: event.timestampMs, body: body))
    }
  }
}

extension Event.Body {
  fileprivate var simplerForms: [Event.Body] {
    switch self {
    case .workerRegistered(let registration): return registration.simplerForms.map { .workerRegistered($0) }
    case .workerHeartbeatFailed(let worker, error: .some): return [.workerHeartbeatFailed(worker, error: nil)]
    case .workerFailed(let worker, cause: .reported(error: .some)):
      return [.workerFailed(worker, cause: .reported(error: nil))]
    case .workerReconciled(let worker, let reported):
      return reported.indices.map { index in
        var fewer = reported
        fewer.remove(at: index)
        return .workerReconciled(worker, reported: fewer)
      }
    case .jobSubmitted(let name, let request):
      return request.simplerForms.map { .jobSubmitted(name: name, request: $0) }
    case .jobCancelled(let job, let reason): return reason.isEmpty ? [] : [.jobCancelled(job, reason: "")]
    case .taskStateChanged(let report): return report.simplerForms.map { .taskStateChanged($0) }
    case .taskStopped(let stop): return stop.simplerForms.map { .taskStopped($0) }
    case .workerDrain(let worker, let reason, _, let graceMs):
      let forms: [(reason: String?, graceMs: Int64?)] = [(nil, nil), (nil, 0), (nil, graceMs)]
      return forms.filter { Self.size($0) < Self.size((reason, graceMs)) }
        .map { .workerDrain(worker, reason: $0.reason, submitter: nil, graceMs: $0.graceMs) }
    case .workerResumed(let worker, reason: .some): return [.workerResumed(worker, reason: nil)]
    case .taskPreempted(let task, reason: .some): return [.taskPreempted(task, reason: nil)]
    default: return []
    }
  }

  private static func size(_ drain: (reason: String?, graceMs: Int64?)) -> Int {
    (drain.reason == nil ? 0 : 1) + (drain.graceMs.map { $0 == 0 ? 1 : 2 } ?? 0)
  }
}

extension WorkerRegistration {
  fileprivate var simplerForms: [WorkerRegistration] {
    let cpuAlone = Resources(milliCPU: metadata.capacity.milliCPU)
    let plain = WorkerMetadata(capacity: cpuAlone)
    let bare = WorkerMetadata(capacity: metadata.capacity)
    let confirming = WorkerMetadata(capacity: cpuAlone, confirmsStops: metadata.confirmsStops)
    let described = WorkerMetadata(capacity: cpuAlone, attributes: metadata.attributes)
    let forms =
      [plain, bare, confirming, described, metadata].map { WorkerRegistration(name: name, address: "a", metadata: $0) }
      + [plain, metadata].map {
        WorkerRegistration(name: name, address: "a", metadata: $0, incarnation: incarnation)
      }
    return forms.filter { $0.size < size }
  }

  private var size: Int {
    let capacity = metadata.capacity
    return (address == "a" ? 0 : 1) + (incarnation == nil ? 0 : 1) + (metadata.confirmsStops ? 1 : 0)
      + metadata.attributes.count + capacity.devices.all.count + (capacity.memoryBytes == 0 ? 0 : 1)
  }
}

extension TaskReport {
  fileprivate var simplerForms: [TaskReport] {
    [
      TaskReport(task: task, attempt: attempt, state: state),
      TaskReport(task: task, attempt: attempt, state: state, error: error),
      TaskReport(task: task, attempt: attempt, state: state, exitCode: exitCode),
      TaskReport(task: task, attempt: attempt, state: state, endReason: endReason),
    ].filter { $0.size < size }
  }

  private var size: Int { (error == nil ? 0 : 1) + (exitCode == nil ? 0 : 1) + (endReason == nil ? 0 : 1) }
}

extension TaskStop {
  fileprivate var simplerForms: [TaskStop] {
    [
      TaskStop(task: task, attempt: attempt),
      TaskStop(task: task, attempt: attempt, error: error),
      TaskStop(task: task, attempt: attempt, exitCode: exitCode),
      TaskStop(task: task, attempt: attempt, endReason: endReason),
    ].filter { $0.size < size }
  }

  private var size: Int { (error == nil ? 0 : 1) + (exitCode == nil ? 0 : 1) + (endReason == nil ? 0 : 1) }
}

extension JobRequest {
  fileprivate var simplerForms: [JobRequest] {
    var forms: [JobRequest] = []
    func add(_ change: (inout JobRequest) -> Void) {
      var form = self
      change(&form)
      if form != self { forms.append(form) }
    }
    let standard = JobRequest()
    add { $0 = standard }
    add {
      $0.owner = nil
      $0.reason = nil
    }
    add { $0.parent = nil }
    add { $0.schedulingTimeoutMs = nil }
    add { $0.runTimeoutMs = 0 }
    add { $0.retryDelayMs = 0 }
    add { $0.retryDelayMaxMs = standard.retryDelayMaxMs }
    add { $0.priority = 0 }
    add { $0.constraints = Constraints() }
    add { $0.constraints.require = [:] }
    add { $0.constraints.forbid = [:] }
    add { $0.ifExists = .reject }
    add { $0.specification = Specification() }
    add { $0.coscheduled = false }
    add { $0.maxRetriesFailure = standard.maxRetriesFailure }
    add { $0.maxRetriesPreemption = standard.maxRetriesPreemption }
    add { $0.maxTaskFailures = standard.maxTaskFailures }
    add { $0.resources = standard.resources }
    add { $0.resources.memoryBytes = 0 }
    add { $0.resources.devices = [:] }
    add { if $0.replicas > 1 { $0.replicas -= 1 } }
    return forms
  }
}
