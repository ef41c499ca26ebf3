import Controller
import EventModel

/// A peer of role worker speaks for the worker of its name, and for what runs there.
extension DispatchLoop {
  /// Is it the worker of this lane that a handle names, or nobody, which the state machine answers?
  func speaks(for worker: UInt64, _ lane: Int) -> Bool {
    guard let name = state.name(of: WorkerHandle(rawValue: worker)) else { return true }
    return ByteText(name) == lanes[lane].pointee.workerName
  }

  /// What is wrong with an event of a worker's that is about another one; nil where nothing is. What is about nothing that the
  /// state machine knows, or about an attempt that is over, changes nothing, whoever says it.
  func foreign(_ body: Event.Body, _ lane: Int) -> String? {
    guard let own = lanes[lane].pointee.workerName else { return nil }
    switch body {
    case .workerRegistered(let registration):
      return ByteText(registration.name) == own ? nil : Self.speaksForAnother(registration.name, own)
    case .workerHeartbeat(let worker), .workerHeartbeatFailed(let worker, _), .workerFailed(let worker, _),
      .workerReconciled(let worker, _):
      guard let name = name(of: worker), ByteText(name) != own else { return nil }
      return Self.speaksForAnother(name, own)
    case .taskStateChanged(let report): return foreignTask(report.task, report.attempt, own)
    case .taskStopped(let stop): return foreignTask(stop.task, stop.attempt, own)
    case .endpointRegistered(let task, _): return foreignTask(task, nil, own)
    default: return "a worker may not send that"
    }
  }

  private func name(of worker: WorkerReference) -> String? {
    switch worker {
    case .handle(let handle): state.name(of: handle)
    case .name(let name): name
    }
  }

  /// - Parameter attempt: nil for whatever is the newest.
  private func foreignTask(_ task: TaskReference, _ attempt: UInt32?, _ own: ByteText) -> String? {
    guard let newest = state.newestAttempt(of: task), attempt == nil || attempt == newest.number,
      ByteText(newest.worker) != own
    else { return nil }
    return "worker '\(own.text)' may not speak for a task on '\(newest.worker)'"
  }

  private static func speaksForAnother(_ name: String, _ own: ByteText) -> String {
    "worker '\(own.text)' may not speak for '\(name)'"
  }
}
