import CAllocationCounter
import CRingmaster
import EventModel
import EventRing
import Platform
import Telemetry
import Testing

@testable import Dispatcher

@Suite("The dispatch thread's hot path", .serialized)
struct HotPathTests {
  /// A dispatch loop with one peer, driven by the test turn by turn.
  private final class Harness {
    var loop: DispatchLoop
    var producer: RingProducer
    private let commands: Mailbox<DispatchCommand>
    private let notices: Mailbox<ControlNotice>

    private init(
      loop: consuming DispatchLoop, producer: consuming RingProducer, commands: consuming Mailbox<DispatchCommand>,
      notices: consuming Mailbox<ControlNotice>
    ) {
      self.loop = loop
      self.producer = producer
      self.commands = commands
      self.notices = notices
    }

    static func make(workers: Int, page: borrowing CounterPage) throws -> Harness {
      let commands = try Mailbox<DispatchCommand>(capacity: 64)
      let notices = try Mailbox<ControlNotice>(capacity: 64)
      // Heartbeats alone: one sweep before them, and no stall however long the test waits for its turn.
      var configuration = DispatcherConfiguration()
      configuration.sweepIntervalMs = 3_600_000
      configuration.controller.stallThresholdMs = 3_600_000
      configuration.controller.workerTimeoutMs = 3_600_000
      var loop = DispatchLoop(
        configuration: configuration, parts: DispatcherParts(),
        counters: page.counters(DispatcherCounter.self), board: try AttentionBoard.inProcess(), barrier: .fence,
        commands: commands.receiver(), notices: notices.sender())
      let ring = try SharedRing.inProcess(capacity: 4096)
      let producer = ring.producer()
      var sender = commands.sender()
      sender.post(
        .attach(AttachedPeer(id: 1, lane: 0, name: "test", role: .ingest, submission: ring, result: nil, bell: nil)))
      for index in 0..<workers {
        let event = Event.workerRegistered(
          "w\(index)", address: "", metadata: WorkerMetadata(milliCPU: 1000), timestampMs: loop.clock.nowMs())
        _ = loop.state.handle(event)
      }
      return Harness(loop: loop, producer: producer, commands: commands, notices: notices)
    }
  }

  @Test func aHeartbeatAllocatesNothing() throws {
    let workers = 1000
    let batch = 2000
    let page = try CounterPage.create(
      instance: "hot-path-\(Machine.processID())", process: "test", labels: DispatcherCounter.self)
    let harness = try Harness.make(workers: workers, page: page)
    let handles = (0..<workers).map { harness.loop.state.worker(named: "w\($0)")! }
    _ = harness.loop.turn(nowNs: Clock.bootNs())

    var published = 0
    var allocations: UInt64 = 0
    // One round to warm up, then a million heartbeats.
    for round in 0...500 {
      for _ in 0..<batch {
        var head = rm_event_head()
        head.kind = EventKind.workerHeartbeat.rawValue
        head.slots = 1
        head.subject = handles[published % workers].rawValue
        let position = harness.producer.tryPublish(head)
        #expect(position != nil)
        published += 1
      }
      let before = allocation_count_of_this_thread()
      while harness.loop.turn(nowNs: Clock.bootNs()) {}
      if round > 0 { allocations += allocation_count_of_this_thread() - before }
    }
    #expect(harness.loop.counters[.heartbeatsApplied].value == UInt64(published))
    #expect(allocations == 0, "\(allocations) allocations for 1,000,000 heartbeats")
  }

  @Test func theCounterWouldSeeAnAllocation() {
    let before = allocation_count_of_this_thread()
    let array = [Int](repeating: 1, count: Int.random(in: 100...200))
    #expect(array.count >= 100)
    #expect(allocation_count_of_this_thread() > before)
  }

  @Test func onlyTheNamedMayAttach() {
    var policy = AccessPolicy()
    let stranger = PacketSocket.Credentials(pid: 1, uid: 4242, gid: 4243)
    #expect(policy.refusal(stranger)?.contains("user 4242") == true)
    policy.groups = [4243]
    #expect(policy.refusal(stranger) == nil)
    policy.groups = []
    policy.users = [4242]
    #expect(policy.refusal(stranger) == nil)
    #expect(AccessPolicy().refusal(.init(pid: 1, uid: 0, gid: 0)) == nil)
  }
}
