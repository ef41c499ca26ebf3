import CRingmaster
import Dispatcher
import DispatcherSettings
import EventBus
import EventCodec
import EventModel
import EventRing
import Platform
import RingmasterClient
import Testing

@Suite("A dispatcher and its clients", .serialized)
struct DispatchTests {
  @Test func registrationReturnsTheHandle() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let result = try await client.dispatch(
      .workerRegistered("w1", address: "w1:1", metadata: WorkerMetadata(capacity: Resources(milliCPU: 4000))))
    let transaction = try #require(result.transaction)
    #expect(transaction.outcome == .applied)
    #expect(transaction.actions.map(\.kind) == [.workerRegistered])
    guard case .worker(let handle, let name) = transaction.subject else {
      Issue.record("the subject is not the worker")
      return
    }
    #expect(name == "w1")
    let heartbeat = try await client.dispatch(.workerHeartbeat(.handle(handle)))
    #expect(heartbeat.transaction?.outcome == .applied)
    #expect(heartbeat.promise == .volatile)
  }

  /// However each side waits, results come, and both sides notice when it is over.
  @Test(arguments: WaitingStrategy.allCases, WaitingStrategy.allCases)
  func eitherSideWaitsAsItLikes(dispatcherWaits: WaitingStrategy, clientWaits: WaitingStrategy) async throws {
    let dispatcher = try RunningDispatcher { $0.waiting = dispatcherWaits }
    defer { dispatcher.stop() }
    var options = AttachOptions(role: .control, name: "test")
    options.waiting = clientWaits
    let client = try RingmasterClient(path: dispatcher.socketPath, options: options)
    for number in 1...3 {
      let name = "w\(number)"
      let result = try await client.dispatch(
        .workerRegistered(name, address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1))))
      #expect(result.transaction?.outcome == .applied)
    }
    dispatcher.stop()
    var results = 0
    for await _ in client.results { results += 1 }
    #expect(results == 3)
    await #expect(throws: ClientError.self) { try await client.dispatch(.tick(nowMs: 1)) }
  }

  @Test func aJobIsPlacedAndItsWatcherSeesEveryAction() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let watcher = try dispatcher.client(role: .observe, name: "watcher")
    try await watcher.subscribe(.transactions)
    _ = try await client.dispatch(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 4000))))
    var request = JobRequest()
    request.replicas = 3
    request.reason = "test"
    let submitted = try await client.dispatch(.jobSubmitted("j1", request: request))
    #expect(submitted.transaction?.actions.count == 4)
    var seen: [Transaction] = []
    for await message in watcher.results {
      if case .result(let result) = message, let transaction = result.transaction { seen.append(transaction) }
      if seen.count == 5 { break }
    }
    #expect(seen.map(\.event.kind) == [.workerRegistered, .jobSubmitted, .taskAssigned, .taskAssigned, .taskAssigned])
    let user = Machine.effectiveUserID()
    (request.submitter, request.submitterUid) = (Machine.userName(user), Int64(user))
    #expect(seen[1].event.body == .jobSubmitted(name: "j1", request: request))
    #expect(seen[1].actions == submitted.transaction?.actions)
    #expect(seen[2].actions.first?.worker?.name == "w1")
    let tasks = try await client.query(.tasks)
    #expect(tasks.count == 3)
    let jobs = try await client.query(.jobs)
    guard case .job(let job) = jobs.first else {
      Issue.record("no job row")
      return
    }
    #expect(job.name == "j1" && job.state == .running)
    #expect(job.taskCounts[.assigned] == 3)
  }

  @Test func pagesHoldEveryRow() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    for index in 0..<700 {
      try client.publish(
        .workerRegistered("w\(index)", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000))))
    }
    let rows = try await client.query(.workers)
    let names = rows.compactMap { if case .worker(let row) = $0 { row.name } else { nil } }
    #expect(Set(names) == Set((0..<700).map { "w\($0)" }))
    #expect(names.count == 700)
  }

  @Test func theTasksOfOneJobAreToldAlone() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    var request = JobRequest()
    request.replicas = 1500
    for job in ["a", "b", "c"] { _ = try await client.dispatch(.jobSubmitted(job, request: request)) }
    let rows = try await client.tasks(of: .name("b"))
    let names = rows.compactMap { if case .task(let row) = $0 { row.name.description } else { nil } }
    #expect(names == (0..<1500).map { "b/task-\($0)" })
    #expect(try await client.tasks(of: .name("d")).isEmpty)
  }

  /// What is forbidden is refused to its sender, and is no transaction: no number of the log, and nothing that others are
  /// told.
  @Test func rolesAreHeldTo() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let control = try dispatcher.client()
    try await control.subscribe(.transactions)
    let ingest = try dispatcher.client(role: .ingest)
    let observer = try dispatcher.client(role: .observe)
    let forbidden: [(client: RingmasterClient, event: Event)] = [
      (ingest, .jobSubmitted("j", request: JobRequest())), (observer, .workerHeartbeat("w")),
      (observer, .workerHeartbeatFailed("w")), (control, .tick(nowMs: 1)),
      (control, .workerTimedOut("w", lastHeartbeatMs: 0, timeoutMs: 1, timestampMs: 2)),
    ]
    for (client, event) in forbidden {
      await #expect {
        _ = try await client.dispatch(event)
      } throws: { error in
        guard case ClientError.notAnEvent(let id, .forbidden, _) = error else { return false }
        return id.peer == client.peer
      }
    }
    let applied = try await control.dispatch(.jobSubmitted("j", request: JobRequest()))
    #expect(applied.transaction?.number == 1)
    for await case .result(let result) in control.results {
      #expect(result.event.id == applied.event.id)
      break
    }
    #expect(try await control.query(.counters).contains(.counter(name: "dead_letters_forbidden", value: 5)))
    #expect(try await control.query(.deadLetters).isEmpty)
  }

  @Test func aSilentWorkerIsLostAndItsTasksRequeued() async throws {
    let dispatcher = try RunningDispatcher { $0.controller.workerTimeoutMs = 200 }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    try await client.subscribe(.transactions)
    // The job first: it is placed in the turn of the registration, before any time is over.
    _ = try await client.dispatch(.jobSubmitted("j1", request: JobRequest()))
    _ = try await client.dispatch(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000))))
    for await message in client.results {
      guard case .result(let result) = message, let transaction = result.transaction,
        case .workerFailed(_, let cause) = transaction.event.body
      else { continue }
      guard case .timedOut(_, let timeoutMs) = cause else {
        Issue.record("the cause is not the clock")
        return
      }
      #expect(timeoutMs == 200)
      #expect(transaction.event.id.peer == 0)
      #expect(
        transaction.actions.map(\.kind) == [
          .workerFailed, .taskStateChanged, .taskUnassigned, .taskRequeued, .workerPruned,
        ])
      return
    }
  }

  @Test func middlewareAndObserversTakePart() async throws {
    struct NeedsOwner: Middleware {
      let name = "needs-owner"

      func process(_ event: Event) -> Event? {
        if case .jobSubmitted(_, let request) = event.body, request.owner == nil { return nil }
        return event
      }
    }
    struct Failing: EventObserver {
      struct Broken: Error, CustomStringConvertible {
        let description = "broken on purpose"
      }
      let name = "failing"

      func observe(_ event: Event, _ transaction: Transaction) throws -> String? {
        throw Broken()
      }
    }
    struct Counting: EventObserver {
      let name = "counting"

      func observe(_ event: Event, _ transaction: Transaction) -> String? {
        transaction.actions.isEmpty ? nil : "txn \(transaction.number)"
      }
    }
    var parts = DispatcherParts()
    parts.bus.add(NeedsOwner())
    parts.bus.add(Failing())
    parts.bus.add(Counting())
    let dispatcher = try RunningDispatcher(parts: parts)
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let dropped = try await client.dispatch(.jobSubmitted("j", request: JobRequest()))
    #expect(dropped.disposition == .dropped(by: "needs-owner"))
    var request = JobRequest()
    request.owner = "me"
    let taken = try await client.dispatch(.jobSubmitted("j", request: request))
    #expect(taken.transaction?.outcome == .applied)
    #expect(
      taken.observations == [
        Observation(observer: "failing", outcome: .threw(error: "broken on purpose")),
        Observation(observer: "counting", outcome: .returned(value: "txn \(taken.transaction?.number ?? 0)")),
      ])
    let rows = try await client.query(.counters)
    #expect(rows.contains(.counter(name: "dropped_by_needs-owner", value: 1)))
    #expect(rows.contains(.counter(name: "failures_of_failing", value: 1)))
  }

  /// Within the limits each, and beyond any number together.
  @Test func sumsOfMemoryDoNotStopTheDispatcher() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let capacity = Resources(milliCPU: 1000, memoryBytes: Limits.memoryBytes.upperBound)
    for number in 0..<8192 {
      _ = try await client.dispatch(
        .workerRegistered("w\(number)", address: "", metadata: WorkerMetadata(capacity: capacity)))
    }
    _ = try await client.dispatch(.jobSubmitted("j", request: JobRequest()))
    let rows = try await client.query(.counters)
    #expect(rows.contains(.counter(name: "memory_bytes_total", value: 8192 << 50)))
  }

  @Test func longEventsComeBackWhole() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let attributes = (0..<Limits.metadataEntries).map {
      WorkerMetadata.Attribute(key: "key\($0)", value: String(repeating: "v", count: Limits.metadataBytes))
    }
    let event = Event.workerRegistered(
      "w", address: "a", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1), attributes: attributes))
    let result = try await client.dispatch(event)
    #expect(result.transaction?.outcome == .applied)
    #expect(result.event.body == event.body)
  }

  @Test func stoppingDrainsTheRingsAndTellsTheClients() async throws {
    let dispatcher = try RunningDispatcher()
    let client = try dispatcher.client()
    _ = try await client.dispatch(
      .workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1))))
    for _ in 0..<1000 { try client.publish(.workerHeartbeatFailed("nobody")) }
    let before = try dispatcher.counter(.eventsIgnored)
    #expect(before <= 1000)
    let page = try CounterReading(dispatcher)
    dispatcher.stop()
    #expect(page.eventsReceived() == 1001)
    #expect(dispatcher.rings.isEmpty)
    await #expect(throws: ClientError.self) {
      _ = try await client.dispatch(.workerHeartbeatFailed("nobody"), timeout: .seconds(5))
    }
  }
}
