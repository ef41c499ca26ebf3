import EventModel

/// How processes go on and end, and what workers say of it.
extension DispatcherSimulation {
  /// Workers say how their tasks go on.
  func publishReports() throws {
    guard let peer = sender(mayBeIngest: true) else { return }
    for _ in 0..<(1 + random.below(16)) {
      guard !running.isEmpty else { return }
      let index = random.below(running.count)
      let task = running[index]
      if losesOrders(task.worker) { continue }
      let state: TaskState
      if task.hasStarted || random.chance(10) {
        state = random.chance(85) ? .succeeded : random.chance(60) ? .failed : .killed
      } else {
        state = random.chance(30) ? .building : .running
      }
      let ends = state != .building && state != .running
      let event =
        ends ? report(state, of: task) : .taskStateChanged(.handle(task.task), attempt: task.attempt, state: state)
      guard try publish(event, by: peer, wantsResult: random.chance(20)) else { return }
      if ends {
        running[index] = running[running.count - 1]
        running.removeLast()
      } else {
        running[index].hasStarted = true
      }
    }
  }

  /// Does a worker never hear of what it is to run?
  private func losesOrders(_ worker: WorkerHandle) -> Bool {
    scenario.losesAssignments && workersByHandle[worker.rawValue].map { $0 % 5 == 4 } ?? false
  }

  /// That an attempt has ended: as a state, or that its worker has lost it.
  private func report(_ state: TaskState, of task: RunningTask) -> Event {
    var state = state
    if state == .failed, rules.chance(10) { state = .workerFailed }
    let exitCode: Int32? =
      switch state {
      case .succeeded: rules.chance(50) ? nil : 0
      case .failed: rules.chance(30) ? nil : Int32(1 + rules.below(255))
      default: nil
      }
    return .taskStateChanged(
      .handle(task.task), attempt: task.attempt, state: state, error: state == .failed ? longText ?? "no" : nil,
      exitCode: exitCode, endReason: rules.chance(50) ? nil : endReason(of: state))
  }

  private func endReason(of state: TaskState) -> EndReason {
    switch state {
    case .succeeded: .exited
    case .failed: [.exited, .signal, .oom, .timeout, .startFailed][rules.below(5)]
    case .killed: .signal
    default: [.refused, .fenced, .unknown][rules.below(3)]
    }
  }

  /// Workers answer the orders to stop: sooner or later, twice, or never.
  func publishStops() throws {
    guard let peer = sender(mayBeIngest: true) else { return }
    for _ in 0..<(1 + rules.below(24)) {
      guard !ordered.isEmpty else { break }
      let index = rules.below(ordered.count)
      let task = ordered[index]
      if !rules.chance(8) {
        guard try publish(answer(toStopOf: task), by: peer, wantsResult: rules.chance(20)) else { return }
      }
      if rules.chance(10) { continue }
      ordered[index] = ordered[ordered.count - 1]
      ordered.removeLast()
    }
    // Of one that nobody ordered to stop.
    if rules.chance(10), let task = rules.element(of: running) {
      _ = try publish(.taskStopped(.handle(task.task), attempt: task.attempt), by: peer)
    }
  }

  private func answer(toStopOf task: RunningTask) -> Event {
    if rules.chance(25) { return report([.killed, .succeeded, .failed, .failed][rules.below(4)], of: task) }
    return .taskStopped(
      .handle(task.task), attempt: task.attempt, error: rules.chance(20) ? longText ?? "stopped" : nil,
      exitCode: rules.chance(50) ? nil : Int32(rules.below(256)),
      endReason: rules.chance(50) ? nil : [.stopped, .exited, .signal][rules.below(3)])
  }

  /// Operators take workers out of use, and put them back.
  func publishDrains() throws {
    guard let peer = sender() else { return }
    for _ in 0..<(1 + rules.below(2)) {
      let worker = workers[rules.below(workers.count)]
      let name =
        machines.isEmpty || rules.chance(50) ? worker.name : rules.element(of: machines.keys.sorted()) ?? worker.name
      let drained = rulebook.drained.current
      let isResumed = rules.chance(drained.count * 3 > workers.count ? 80 : 45)
      if isResumed, let drained = rules.element(of: drained.keys.sorted()) {
        guard try publish(.workerResumed(.name(drained), reason: longText), by: peer) else { return }
      } else {
        let graceMs: Int64? = rules.chance(30) ? nil : rules.chance(20) ? 0 : Int64(rules.below(3000))
        let reason = rules.chance(50) ? longText ?? "new disk" : nil
        let byHandle = rules.chance(50) ? worker.handle.map { WorkerReference.handle($0) } : nil
        let reference = byHandle ?? .name(name)
        guard try publish(.workerDrain(reference, reason: reason, graceMs: graceMs), by: peer) else { return }
      }
    }
  }
}
