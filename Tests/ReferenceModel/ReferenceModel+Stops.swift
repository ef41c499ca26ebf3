import EventModel

/// Attempts that are over while their processes may still run.
extension ReferenceModel {
  /// The process of an active task must be stopped by its worker, if that still lives; until that says so, if it does
  /// say so, the attempt stops.
  mutating func stopProcess(of id: ModelTaskID) {
    guard let attempt = task(id).attempts.last, attempt.workerSerial != lostWorker else { return }
    let number = UInt32(task(id).attempts.count - 1)
    transaction.tasksToKill.insert(.init(task: name(id), attempt: number, worker: attempt.workerName))
    let confirms = workers.values.contains { $0.serial == attempt.workerSerial && $0.metadata.confirmsStops }
    changeAttempt(of: id) { $0.isStopping = confirms }
  }

  mutating func confirmStop(of id: ModelTaskID) {
    let stoppedMs = nowMs
    changeAttempt(of: id) {
      $0.isStopping = false
      $0.stoppedMs = stoppedMs
    }
    act(.taskStopped, name(id))
  }

  mutating func stopped(_ stop: TaskStop) -> Outcome {
    guard let id = task(stop.task) else { return .ignored }
    guard Int(stop.attempt) == task(id).attempts.count - 1 else {
      act(.staleAttemptIgnored, name(id))
      return .ignored
    }
    if task(id).state.isActive { return .ignored }
    guard task(id).isStopping else {
      act(.duplicateTerminalIgnored, name(id))
      return .ignored
    }
    confirmStop(of: id)
    changeAttempt(of: id) {
      $0.error = stop.error ?? $0.error
      $0.exitCode = stop.exitCode ?? $0.exitCode
      $0.endReason = stop.endReason ?? (stop.exitCode == nil ? .unknown : .exited)
    }
    return .applied
  }
}

extension ReferenceModel {
  mutating func registerEndpoint(_ reference: TaskReference, _ endpoint: String) -> Outcome {
    guard let id = task(reference) else { return .rejected(.unknownTask) }
    if task(id).state.isTerminal { return .rejected(.taskFinished) }
    guard task(id).state.isActive else { return .rejected(.taskNotSchedulable) }
    let holder = endpoints[ByteText(endpoint)]
    if holder == id { return .ignored }
    guard endpoints.values.count(where: { $0 == id }) < 16 else { return .rejected(.malformed) }
    if let holder { act(.endpointTaken, name(holder), endpoint: endpoint) }
    endpoints[ByteText(endpoint)] = id
    act(.endpointRegistered, name(id), endpoint: endpoint)
    return .applied
  }

  mutating func removeEndpoints(of id: ModelTaskID) {
    let names = endpoints.filter { $0.value == id }.keys.sorted { $0.text.precedes($1.text) }
    for endpoint in names {
      endpoints[endpoint] = nil
      act(.endpointRemoved, name(id), endpoint: endpoint.text)
    }
  }
}
