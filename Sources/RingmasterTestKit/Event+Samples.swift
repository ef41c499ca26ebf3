import EventModel

extension Event {
  /// One event of every kind that peers send, about worker `w1` and job `j1`: for whoever has to do with all kinds.
  public static var samples: [Event] {
    [
      .workerRegistered("w1", address: "w1:8080", metadata: WorkerMetadata(capacity: Resources(milliCPU: 8000))),
      .workerHeartbeat("w1"),
      .workerHeartbeatFailed("w1", error: "no answer"), .workerReconciled("w1", reported: []),
      .jobSubmitted("j1", request: JobRequest()), .taskAssigned("j1/task-0", worker: "w1"),
      .taskStateChanged("j1/task-0", attempt: 0, state: .running),
      .endpointRegistered("j1/task-0", endpoint: "10.0.0.1:80"), .taskPreempted("j1/task-0", reason: "sample"),
      .jobCancelled("j1", reason: "sample"), .brakeOverridden(zone: "", reason: "sample"),
      .workerFailed("w1", error: "sample"), .prune(nowMs: 0),
    ]
  }
}

extension DispatchResult {
  /// What an observer returned; nil when it returned nothing, threw, or did not see the event.
  public func value(of observer: String) -> String? {
    guard case .returned(let value)? = outcome(of: observer) else { return nil }
    return value
  }

  /// What an observer threw, or the middleware that threw on the event; nil when it did not.
  public func error(of observer: String) -> String? {
    guard case .threw(let error)? = outcome(of: observer) else { return nil }
    return error
  }

  private func outcome(of observer: String) -> Observation.Outcome? {
    observations.first { $0.observer == observer }?.outcome
  }
}
