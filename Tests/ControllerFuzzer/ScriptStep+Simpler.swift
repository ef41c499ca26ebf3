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
    case .taskPreempted(let task, reason: .some): return [.taskPreempted(task, reason: nil)]
    default: return []
    }
  }
}

extension WorkerRegistration {
  fileprivate var simplerForms: [WorkerRegistration] {
    let bare = WorkerMetadata(capacity: metadata.capacity)
    let plain = WorkerMetadata(capacity: Resources(milliCPU: metadata.capacity.milliCPU))
    return [
      WorkerRegistration(name: name, address: "a", metadata: plain),
      WorkerRegistration(name: name, address: "a", metadata: bare),
      WorkerRegistration(name: name, address: "a", metadata: bare, incarnation: incarnation),
    ].filter { $0 != self }
  }
}

extension TaskReport {
  fileprivate var simplerForms: [TaskReport] {
    [
      TaskReport(task: task, attempt: attempt, state: state),
      TaskReport(task: task, attempt: attempt, state: state, error: error),
      TaskReport(task: task, attempt: attempt, state: state, exitCode: exitCode),
    ].filter { ($0.error == nil ? 0 : 1, $0.exitCode == nil ? 0 : 1) < (error == nil ? 0 : 1, exitCode == nil ? 0 : 1) }
  }
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
