import Dispatcher
import DispatcherSettings
import EventBus
import EventCodec
import EventModel
import Platform
import RingmasterClient
import Testing

/// The calls that send one kind of event each.
@Suite("Calls of a client", .serialized)
struct ClientCallTests {
  private func refusal(_ call: () async throws -> Void) async -> EventRefusal? {
    await #expect(throws: EventRefusal.self) { try await call() }
  }

  private func wait(_ client: RingmasterClient, until states: [TaskState], of job: JobHandle) async throws {
    while true {
      let rows = try await client.tasks(of: .handle(job))
      if rows.compactMap({ if case .task(let row) = $0 { row.state } else { nil } }) == states { return }
    }
  }

  /// Whatever its record says.
  @Test func aSubmissionSaysWhoMadeIt() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    var request = JobRequest()
    (request.submitter, request.submitterUid) = ("another", 7)
    let result = try await dispatcher.client().dispatch(.jobSubmitted("j", request: request))
    guard case .jobSubmitted(_, let signed) = result.event.body else {
      Issue.record("another event came back: \(result.event)")
      return
    }
    let user = Machine.effectiveUserID()
    #expect(signed.submitter == Machine.userName(user) && signed.submitterUid == Int64(user))
  }

  /// Whatever its record says.
  @Test func aDrainSaysWhoOrderedIt() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    _ = try await client.dispatch(
      .workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000))))
    _ = try await client.dispatch(.workerDrain("w", reason: "disk", submitter: "another"))
    let rows = try await client.query(.workers)
    guard case .worker(let worker)? = rows.first else {
      Issue.record("no worker: \(rows)")
      return
    }
    #expect(worker.drainedBy == Machine.userName(Machine.effectiveUserID()) && worker.drainReason == "disk")
  }

  /// A record that has no room for that is refused, and what fits is taken.
  @Test func aSubmissionAsLongAsARecordIsNoHarm() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    var request = JobRequest()
    request.specification.script = String(repeating: "s", count: 24_550)
    var writer = RecordWriter()
    func fits(_ length: Int) -> Bool {
      request.reason = String(repeating: "r", count: length)
      return (try? writer.encode(.jobSubmitted("j0000", request: request))) != nil
    }
    let longest = try #require((1...Limits.errorBytes).last { fits($0) })
    #expect(longest < Limits.errorBytes, "more than a record holds")
    for length in [longest, longest - 1, longest - 200] {
      _ = fits(length)
      let result = try? await client.dispatch(.jobSubmitted("j\(length)", request: request))
      #expect((result != nil) == (length == longest - 200))
    }
    #expect(try dispatcher.counter(.recordsMalformed) == 2)
    guard case .job(let job)? = try await client.query(.jobs).first else {
      Issue.record("no job")
      return
    }
    #expect(job.request.specification.isEmpty && job.specificationBytes == 24_554, "a row has no room for it")
  }

  @Test(.timeLimit(.minutes(10))) func eachReturnsWhatItsCallerWantsToKnow() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let metadata = WorkerMetadata(capacity: Resources(milliCPU: 4000))
    let worker = try await client.registerWorker("w1", address: "w1:1", metadata: metadata)
    #expect(try await client.registerWorker("w1", address: "w1:1", metadata: metadata) == worker)
    try client.heartbeat(worker)
    #expect(try eventually { try dispatcher.counter(.heartbeatsApplied) > 0 })
    #expect(try await client.reportHeartbeatFailure(.handle(worker), error: "slow").outcome == .applied)

    var request = JobRequest()
    request.replicas = 2
    let job = try await client.submit("j", request)
    try await wait(client, until: [.assigned, .assigned], of: job)
    #expect(try await client.reportTask("j/task-0", attempt: 0, state: .running).outcome == .applied)
    #expect(try await client.registerEndpoint("10.0.0.1:80", of: "j/task-0").actions.count == 1)
    #expect(try await client.preempt("j/task-0", reason: "room").tasksToKill.map(\.attempt) == [0])
    #expect(try await client.reportTask("j/task-0", attempt: 0, state: .running).outcome == .ignored)
    let kills = try await client.reconcile(
      .handle(worker), reported: [ReportedTask(task: "j/task-0", attempt: 0)])
    #expect(kills.map(\.attempt) == [0])

    #expect(try await client.cancel(.handle(job), reason: "enough").actions.contains { $0.kind == .jobCancelled })
    #expect(try await client.cancel("j", reason: "enough").outcome == .ignored)
    #expect(try await client.overrideBrake(ofZone: "", reason: "sure").outcome == .ignored)
    #expect(try await client.failWorker(.handle(worker), error: "disk").actions.contains { $0.kind == .workerFailed })
    try client.heartbeat(worker)
    for await message in client.results {
      if case .heartbeatRefused(let gone) = message {
        #expect(gone == worker)
        break
      }
    }
    client.close()
  }

  @Test func aRefusalSaysWhy() async throws {
    struct Gate: Middleware {
      struct Broken: Error, CustomStringConvertible {
        let description = "no database"
      }
      let name = "gate"

      func process(_ event: Event) throws -> Event? {
        if case .jobSubmitted("broken", _) = event.body { throw Broken() }
        if case .jobSubmitted("dropped", _) = event.body { return nil }
        return event
      }
    }
    var parts = DispatcherParts()
    parts.bus.add(Gate())
    let dispatcher = try RunningDispatcher(parts: parts)
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    try await client.submit("j")
    let again = await refusal { try await client.submit("j") }
    #expect(again?.reason == .rejected(.duplicateJob))
    #expect(again?.description == "JOB_SUBMITTED was rejected: duplicate_job")
    #expect(await refusal { try await client.submit("dropped") }?.reason == .dropped(by: "gate"))
    let broken = await refusal { try await client.submit("broken") }
    #expect(broken?.reason == .deadLettered(.handlerError))
    #expect(broken?.result.observations == [Observation(observer: "gate", outcome: .threw(error: "no database"))])
    #expect(await refusal { try await client.failWorker("w1") }?.reason == .rejected(.unknownWorker))
    #expect(await refusal { try await client.assign("j/task-0", to: "w1") }?.reason == .rejected(.unknownWorker))
    #expect(await refusal { try await client.preempt("j/task-7") }?.reason == .rejected(.unknownTask))
    client.close()
    #expect(eventually { client.closeReason != nil })
    await #expect(throws: ClientError.self) { try await client.submit("late") }
  }
}
