import EventJSON
import EventModel
import Platform
import RingmasterClient
import Telemetry

/// The story the demo tells, step by step. Each step waits for what it promises, for so long and no longer.
struct DemoStory: Sendable {
  let options: DemoOptions
  let processes: DemoProcesses
  let board: DemoBoard
  let watch = ClusterWatch()
  /// How long the story stands still for those who watch it, where somebody does.
  let pauses: Pauses
  /// Told the client as soon as there is one, for a screen that asks for more.
  let connected: @Sendable (RingmasterClient) -> Void

  struct Pauses: Sendable {
    /// While the screen shows the cascade.
    var cascade = Duration.zero
    /// Once both jobs have ended.
    var jobsEnded = Duration.zero
    /// Before the screen goes.
    var end = Duration.zero

    static let none = Pauses()
    static let forWatching = Pauses(cascade: .seconds(3), jobsEnded: .seconds(2), end: .seconds(1))
  }

  static let service = "service"
  static let batch = "batch"
  static let startLimit = Duration.seconds(10)
  static let stepLimit = Duration.seconds(15)
  /// For what is seen on the result ring, and so costs the dispatcher nothing.
  static let watchPeriod = Duration.milliseconds(10)
  /// For what the dispatcher is asked.
  static let queryPeriod = Duration.milliseconds(50)
  static let listeningPrefix = "listening on "
  private static let resultSlots = 1 << 16

  func run() async throws {
    let (dispatcher, client) = try await startDispatcher()
    let archive = try await processes.startArchive()
    let following = Task { await watch.follow(client.results) }
    // The client would wait for the dispatcher to come back, which nobody starts again.
    let guarding = Task {
      while processes.casualty == nil { try await Task.sleep(for: Self.queryPeriod) }
      client.close()
    }
    defer {
      client.close()
      following.cancel()
      guarding.cancel()
    }
    let (ingest, fleet) = try await startIngestAndFleet()
    let milestones = Task { await fleet.follow() }
    defer { milestones.cancel() }
    let heartbeatsStartNs = try await awaitRegistrations(fleet)
    let worker = try await runProgram(client)
    try await runJobs(client)
    let loss = try await loseWorker(fleet)
    try await awaitRequeued(loss)
    let (successor, kills) = try await replaceDispatcher(dispatcher, client)
    try await endProgram(client, worker)
    try await awaitBatch(client)
    try await Task.sleep(for: pauses.jobsEnded)
    try await accountForHeartbeats(client, fleet, since: heartbeatsStartNs)
    try await findHistory(archive)
    try await stopAll(fleet, [worker, ingest, successor, archive], client, kills: kills)
    try await Task.sleep(for: pauses.end)
  }

  // MARK: the steps

  private func startDispatcher() async throws -> (ChildProcess, RingmasterClient) {
    board.begin(.processesUp)
    let dispatcher = try await processes.startDispatcher(workerTimeoutMs: options.workerTimeoutMs)
    var client: RingmasterClient?
    let attach = AttachOptions(role: .control, name: "demo", resultCapacity: Self.resultSlots)
    try await wait("the dispatcher listens", upTo: Self.startLimit, about: dispatcher) {
      client = try? RingmasterClient(path: processes.socketPath, options: attach)
      return client != nil
    }
    guard let client else { preconditionFailure("the wait ends with a client or throws") }
    try await client.subscribe(.transactions)
    connected(client)
    return (dispatcher, client)
  }

  private func startIngestAndFleet() async throws -> (ChildProcess, FleetControl) {
    let ingest = try await processes.startIngest(options: options)
    let address = try await ingestAddress(ingest)
    let fleet = FleetControl(
      process: try await processes.startFleet(options: options, ingestAddress: address))
    let pids = processes.all.map { "\($0.name) \($0.pid)" }.joined(separator: ", ")
    board.finish(.processesUp, "\(pids); UDP on \(address)")
    return (ingest, fleet)
  }

  private func awaitRegistrations(_ fleet: FleetControl) async throws -> UInt64 {
    board.begin(.workersRegistered)
    let startNs = Clock.bootNs()
    try await wait(
      "\(options.workers) workers are registered", upTo: options.registrationLimit, about: fleet.process
    ) {
      watch.registeredWorkers >= options.workers && fleet.registered != nil
    }
    let count = watch.registeredWorkers
    board.update { $0.workersRegistered = count }
    board.finish(.workersRegistered, "\(count) workers registered over UDP")
    return startNs
  }

  private func runJobs(_ client: RingmasterClient) async throws {
    board.begin(.jobsRunning)
    // The one that must run through to the end first: a task that waits for another worker keeps its place in the queue.
    try await submit(Self.service, replicas: options.serviceTasks, "runs until it is cancelled", client)
    try await submit(Self.batch, replicas: options.tasks, "many short tasks", client)
    try await wait("the tasks of \(Self.service) run", upTo: Self.stepLimit) {
      watch.count(job: Self.service, in: .running) == options.serviceTasks
    }
    board.finish(
      .jobsRunning, "job \(Self.service): \(options.serviceTasks) tasks run; job \(Self.batch): \(options.tasks) tasks")
  }

  private func loseWorker(_ fleet: FleetControl) async throws -> ClusterWatch.Loss {
    board.begin(.workerKilled)
    guard let victim = watch.busiestWorker(job: Self.service) else {
      throw DemoFailure("no worker runs a task of \(Self.service)")
    }
    fleet.kill(worker: victim.worker)
    try await wait("the fleet kills \(victim.worker)", upTo: Self.stepLimit, about: fleet.process) {
      fleet.kill?.worker == victim.worker
    }
    guard let kill = fleet.kill else { preconditionFailure("the wait ends with a kill or throws") }
    board.finish(
      .workerKilled, "killed worker \(victim.worker), which ran \(victim.tasks) tasks: its heartbeats stop")

    board.begin(.failureDetected)
    let limit = Duration.milliseconds(options.workerTimeoutMs) + Self.stepLimit
    try await wait("the controller finds that \(victim.worker) is lost", upTo: limit) { !watch.losses.isEmpty }
    let loss = watch.losses[0]
    guard loss.worker == victim.worker, watch.losses.count == 1 else {
      let names = watch.losses.map(\.worker).joined(separator: ", ")
      throw DemoFailure("the controller gave up \(names), expected \(victim.worker) alone")
    }
    let detectionMs = Double(loss.seenNs &- kill.bootNs) / 1e6
    board.update {
      $0.detectionMs = detectionMs
      $0.tasksRequeued = loss.requeued.count
    }
    board.finish(
      .failureDetected,
      "noticed after \(Int(detectionMs)) ms: one transaction, \(loss.requeued.count) tasks requeued")
    let shownUntilNs = Clock.bootNs() + UInt64(pauses.cascade.components.seconds) * 1_000_000_000
    board.show(
      DemoBoard.Cascade(transaction: loss.transaction, detectionMs: detectionMs, shownUntilNs: shownUntilNs))
    guard loss.requeued.count >= victim.tasks else {
      throw DemoFailure("\(loss.requeued.count) tasks were requeued, expected at least the \(victim.tasks) it ran")
    }
    return loss
  }

  private func awaitRequeued(_ loss: ClusterWatch.Loss) async throws {
    board.begin(.tasksRunElsewhere)
    let tasks = loss.requeued.map(\.subject.description)
    try await wait("the requeued tasks run again", upTo: options.batchLimit) {
      tasks.allSatisfy { task in
        guard let placement = watch.placement(of: task) else { return false }
        let runsElsewhere = placement.state == .running && placement.worker != loss.worker
        return runsElsewhere || placement.state == .succeeded
      }
    }
    board.finish(.tasksRunElsewhere, "all \(tasks.count) run again, on other workers")
    try await Task.sleep(for: pauses.cascade)
  }

  /// Kills the dispatcher, cancels a job while there is none, and starts another one, which finds the cancellation.
  ///
  /// - Returns: the new dispatcher, and how many processes the workers had to stop.
  private func replaceDispatcher(
    _ dispatcher: ChildProcess, _ client: RingmasterClient
  ) async throws -> (ChildProcess, kills: Int) {
    board.begin(.dispatcherKilled)
    let known = watch.lastTransaction
    let startNs = Clock.bootNs()
    try await processes.kill(dispatcher)
    let counters = try CounterPageReader.read(instance: processes.instance, process: "ringmasterd")
    board.update { $0.heartbeatsAppliedBefore = Self.heartbeatsOfFleet { counters[$0] } }
    async let cancellation = client.cancel(.name(Self.service), reason: "the demo has seen enough")
    let successor = try await processes.startDispatcher(workerTimeoutMs: options.workerTimeoutMs)
    let transaction = try await cancellation
    let recoveryMs = Double(Clock.bootNs() &- startNs) / 1e6
    board.update { $0.recoveryMs = recoveryMs }
    let workers = try await client.query(.workers).count
    guard transaction.number > known, workers == options.workers else {
      throw DemoFailure(
        "the second dispatcher has \(workers) workers and transaction #\(transaction.number), expected "
          + "\(options.workers) and one after #\(known)")
    }
    board.finish(
      .dispatcherKilled,
      "killed dispatcher \(dispatcher.pid); \(successor.pid) took over from its journal, next result after "
        + "\(Int(recoveryMs)) ms")
    return (successor, try serviceCancelled(transaction))
  }

  private func serviceCancelled(_ transaction: Transaction) throws -> Int {
    board.begin(.serviceCancelled)
    let killed = transaction.actions.count { $0.to == .killed }
    guard killed == options.serviceTasks else {
      throw DemoFailure("\(killed) tasks of \(Self.service) were killed, expected \(options.serviceTasks)")
    }
    board.finish(
      .serviceCancelled,
      "cancelled job \(Self.service) meanwhile: \(killed) tasks killed, \(transaction.tasksToKill.count) processes to stop"
    )
    return transaction.tasksToKill.count
  }
}
