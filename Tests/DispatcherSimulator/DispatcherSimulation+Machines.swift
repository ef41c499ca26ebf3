import CRingmaster
import Dispatcher
import EventModel
import Logging
import Worker

/// Machines that run programs, and what must hold of these whatever dies.
extension DispatcherSimulation {
  private static let cluster = String(repeating: "c", count: 32)
  private var sortedMachines: [SimulatedMachine] { machines.values.sorted { $0.name < $1.name } }

  func makeMachines() {
    for number in 0..<scenario.machines {
      let machine = SimulatedMachine(name: "m\(number)", seed: scenario.seed ^ UInt64(number &* 0x9E37))
      machine.driver.whenBegun = { [unowned self, unowned machine] in begun($0, on: machine) }
      machines[machine.name] = machine
    }
  }

  // MARK: Steps

  /// All machines go on; each worker that can takes a turn.
  func stepMachines() throws {
    for machine in sortedMachines where !machine.isAsleep {
      machine.advance(toNs: time.bootNs)
      if rules.chance(70) { machine.driver.carryOut() }
      machine.driver.endSome(percent: scenario.programEnds)
      guard !machine.isDown, !machine.isStopped, rules.chance(85) else { continue }
      try turn(machine)
    }
  }

  /// A worker or a machine ends, hangs, comes back.
  func troubleMachines() throws {
    guard let machine = rules.element(of: sortedMachines) else { return }
    switch rules.below(14) {
    case 0...2: endWorker(machine)
    case 3...5: machine.isDown = false
    case 6: machine.isStopped = true
    case 7, 8: machine.isStopped = false
    case 9: machine.store.isFull = rules.chance(50)
    case 10: if rules.chance(50) { endMachine(machine) }
    case 11: machine.sleep(atNs: time.bootNs)
    case 12: wake(machine)
    default:
      guard let peer = sender(), let id = rules.element(of: machine.driver.list())?.id else { return }
      _ = try publish(.taskPreempted(.handle(id.task), reason: "make room"), by: peer)
    }
  }

  /// What it was told to stop at the latest before now ends before it can do anything.
  private func wake(_ machine: SimulatedMachine) {
    machine.wake(atNs: time.bootNs)
    for (id, program) in machine.driver.programs where program.isAlive && !program.launch.runsOnWhenCutOff {
      for other in sortedMachines where other !== machine && !other.isAsleep {
        for (rival, program) in other.driver.programs where rival.task == id.task && program.isAlive {
          fail("two attempts at once", "\(machine.name) woke with \(id), while \(rival) runs on \(other.name)")
        }
      }
    }
  }

  private func endWorker(_ machine: SimulatedMachine) {
    machine.advance(toNs: time.bootNs)
    (machine.isDown, machine.isStopped) = (true, false)
    machine.workerEnded()
    leave(machine)
  }

  private func endMachine(_ machine: SimulatedMachine) {
    machine.advance(toNs: time.bootNs)
    machine.losePower(&rules)
    machine.isStopped = false
    leave(machine)
  }

  private func leave(_ machine: SimulatedMachine) {
    guard let peer = machine.peer else { return }
    machine.peer = nil
    guard peer.stage != .gone else { return }
    peer.submission?.flush()
    dispatcher?.detach(peer.id)
    end(peer)
  }

  /// The power goes, with all that runs here.
  func machinesLosePower() {
    for machine in sortedMachines {
      machine.advance(toNs: time.bootNs)
      machine.losePower(&rules)
      machine.isStopped = false
      machine.peer = nil
    }
  }

  /// The dispatcher has ended, and no other has begun.
  func machinesMissDispatcher() throws {
    for machine in sortedMachines
    where !machine.isDown && !machine.isStopped && !machine.isAsleep && rules.chance(70) {
      machine.advance(toNs: time.bootNs)
      try machine.session?.dispatcherIsGone(atNs: time.bootNs)
    }
  }

  private func turn(_ machine: SimulatedMachine) throws {
    guard let peer = machine.peer, peer.stage != .gone else {
      // The worker's service has ended with its rings; its process goes on.
      if machine.session != nil { machine.workerEnded() }
      machine.peer = nil
      return try attach(machine)
    }
    guard let session = machine.session else { return }
    if peer.stage == .attached { try read(peer, limit: 600) }
    try session.turn()
  }

  private func attach(_ machine: SimulatedMachine) throws {
    guard let dispatcher else { return }
    var request = SteppedDispatcher.Request(
      name: machine.name, role: .worker, submissionCapacity: scenario.submissionSlots,
      resultCapacity: scenario.resultSlots, subscription: RM_SUBSCRIBE_ASSIGNMENTS,
      token: (0..<Int(RM_TOKEN_BYTES)).map { _ in UInt8(rules.below(256)) })
    request.uid = SimulatedPeer.User.known.uid
    guard let reply = try dispatcher.attach(request) else { return }
    var ports = try SimulatedPeer.Ends(reply).ports(peer: reply.peer, epoch: dispatcher.epoch.number)
    let peer = SimulatedPeer(
      id: reply.peer, role: .worker, token: request.token, user: .known, subscription: RM_SUBSCRIBE_ASSIGNMENTS,
      isSlow: false, life: life, submission: ports.takeSubmission(), results: ports.takeResults())
    peers[reply.peer] = peer
    order.append(peer)
    replies[reply.peer] = reply
    machine.peer = peer
  }

  /// A worker can begin, or go on.
  func machineIsAdmitted(_ peer: SimulatedPeer) throws {
    guard let machine = sortedMachines.first(where: { $0.peer === peer }) else { return }
    machine.advance(toNs: time.bootNs)
    if let session = machine.session {
      // What it asked meanwhile is asked anew.
      peer.forgetRequests()
      return session.renewed()
    }
    let link = SimulatedLink(peer, cluster: Self.cluster) { [unowned self, unowned machine] in
      published($0, by: machine)
    }
    let metadata = WorkerMetadata(
      capacity: Resources(milliCPU: scenario.workerCPU), confirmsStops: true, attributes: [])
    var profile = WorkerSession.Profile(
      name: machine.name, metadata: metadata, incarnation: "boot \(machine.boot)")
    profile.maximumTasks = scenario.programsAtOnce
    machine.session = try WorkerSession(
      link, machine.driver, machine.store, machine.store.lease, profile,
      logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
  }

  // MARK: What must hold

  /// No attempt runs twice, and no two attempts of a task at once.
  private func begun(_ id: AttemptID, on machine: SimulatedMachine) {
    for other in sortedMachines where !other.isAsleep {
      other.advance(toNs: time.bootNs)
      if other.driver.started.contains(id) {
        fail("attempt runs twice", "\(id) began on \(machine.name), and had begun on \(other.name) before")
      }
      for (rival, program) in other.driver.programs
      where rival.task == id.task && rival != id && program.isAlive && !program.launch.runsOnWhenCutOff {
        fail("two attempts at once", "\(id) began on \(machine.name) while \(rival) runs on \(other.name)")
      }
    }
  }

  /// A worker says of a program what it did.
  private func published(_ event: Event, by machine: SimulatedMachine) {
    guard case .taskStateChanged(let report) = event.body, case .handle(let task) = report.task else { return }
    if report.state == .succeeded,
      !machine.driver.codes.contains(where: { $0.key.task == task && $0.key.attempt == report.attempt && $0.value == 0 }
      )
    {
      fail("success of nothing", "\(machine.name) says that attempt \(report.attempt) of \(task) succeeded")
    }
    if report.endReason == .unknown, machine.boot == 0 {
      fail("attempt forgotten", "\(machine.name) does not know how attempt \(report.attempt) of \(task) ended")
    }
  }

  /// All are well, and their programs go on for ever where no others wait for their end.
  ///
  /// - Returns: whether nothing is left to do.
  func restMachines() throws -> Bool {
    for machine in sortedMachines {
      (machine.isDown, machine.isStopped, machine.store.isFull) = (false, false, false)
      wake(machine)
      machine.advance(toNs: time.bootNs)
      machine.driver.carryOut()
      if machine.driver.programs.count >= scenario.programsAtOnce { machine.driver.endSome(percent: 30) }
      try turn(machine)
    }
    return machines.values.allSatisfy { $0.session.map { $0.pending == nil } ?? false }
  }

  var pendingOfMachines: String {
    sortedMachines.map { "\($0.name): \($0.session.map { $0.pending ?? "nothing" } ?? "no session")" }.joined(
      separator: ", ")
  }

  /// What runs is what the controller has, no more and no less.
  func checkMachines() {
    for machine in sortedMachines {
      dispatcher?.read { state in
        guard let worker = state.worker(named: machine.name), let view = state.view(of: worker, listsTasks: true) else {
          return fail("machine unknown", "\(machine.name) is well, and the controller does not have it")
        }
        if !view.stoppingTasks.isEmpty {
          fail("stop forgotten", "\(machine.name) is still to stop \(view.stoppingTasks)")
        }
        let wanted = Set(view.runningTasks)
        let running = Set(machine.driver.programs.keys.map(\.task))
        if wanted != running {
          fail(
            "machine differs", "\(machine.name) runs \(running), and the controller has \(wanted) there")
        }
      }
    }
  }
}
