import EventModel

extension Expectation {
  /// What is wrong with the state; empty when nothing is.
  func failures(_ state: ObservedState) -> [String] {
    var failures: [String] = []
    func expect<Value: Equatable>(_ actual: Value?, _ expected: Value?, _ what: @autoclosure () -> String) {
      if actual != expected {
        let texts = [expected, actual].map { value in value.map { "\($0)" } ?? "none" }
        failures.append("\(what()): expected \(texts[0]), got \(texts[1])")
      }
    }
    for (name, allowed) in taskStates {
      let actual = state.tasks[ByteText(name)]?.state
      if actual.map(allowed.contains) != true {
        failures.append("state of \(name): expected \(allowed), got \(actual.map { "\($0)" } ?? "no task")")
      }
    }
    for (name, expected) in attempts { expect(state.tasks[ByteText(name)]?.attempts, expected, "attempts of \(name)") }
    for (name, expected) in counters {
      let counters = state.tasks[ByteText(name)].map { Counters(failures: $0.failures, preemptions: $0.preemptions) }
      expect(counters, expected, "counters of \(name)")
    }
    for (name, expected) in exitCodes {
      expect(state.tasks[ByteText(name)]?.exitCode, expected, "exit code of \(name)")
    }
    for name in absentTasks { expect(state.tasks[ByteText(name)] == nil, true, "absence of \(name)") }
    for (name, expected) in jobStates { expect(state.jobs[ByteText(name)]?.state, expected, "state of \(name)") }
    if let (name, expected) = jobError { expect(state.jobs[ByteText(name)]?.error, expected, "error of \(name)") }
    for worker in workers { failures += worker.failures(state) }
    if let queue { expect(state.queue, queue, "queue") }
    if let endpoints {
      let isPaired = endpoints.contains { $0.contains(" ") }
      let actual = state.endpoints.map { isPaired ? "\($0.task) \($0.name)" : $0.name }
      expect(actual.sorted(), endpoints.sorted(), "endpoints")
    }
    if let transactionLogLength { expect(state.transactionLogLength, transactionLogLength, "transaction log") }
    return failures
  }
}

extension Expectation.Worker {
  fileprivate func failures(_ state: ObservedState) -> [String] {
    var failures: [String] = []
    func expect<Value: Equatable>(_ actual: Value, _ expected: Value?, _ what: String) {
      if let expected, actual != expected {
        failures.append("\(what) of \(name): expected \(expected), got \(actual)")
      }
    }
    guard let worker = state.workers[ByteText(name)] else {
      expect(false, isPresent, "presence")
      return failures
    }
    expect(true, isPresent, "presence")
    expect(worker.isHealthy, isHealthy, "health")
    expect(worker.isDraining, isDraining, "draining")
    expect(worker.stoppingTasks.sorted(), stoppingTasks?.sorted(), "stopping tasks")
    expect(worker.runningTasks.sorted(), runningTasks?.sorted(), "running tasks")
    expect(worker.committed.milliCPU, committedCPU, "committed thousandths of a cpu")
    expect(worker.committed.memoryBytes, committedMemoryBytes, "committed bytes of memory")
    expect(worker.committed.devices, committedDevices, "committed devices")
    expect(worker.lastHeartbeatMs, lastHeartbeatMs, "last heartbeat")
    expect(worker.consecutiveFailures, consecutiveFailures, "consecutive failures")
    return failures
  }
}
