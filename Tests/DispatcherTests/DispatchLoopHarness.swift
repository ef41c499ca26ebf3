import CRingmaster
import DispatcherSettings
import EventModel
import EventRing
import Journal
import Platform
import Synchronization
import Telemetry

@testable import ControlPlane
@testable import Dispatcher

/// A dispatch loop with one peer, driven by the test turn by turn.
final class DispatchLoopHarness {
  var loop: DispatchLoop
  let handles: [WorkerHandle]
  private var producer: RingProducer
  private var results: RingConsumer
  private var commandSender: Mailbox<DispatchCommand>.Sender
  private let page: CounterPage
  private let commands: Mailbox<DispatchCommand>
  private let notices: Mailbox<ControlNotice>
  private var noticeReceiver: Mailbox<ControlNotice>.Receiver
  private static let pages = Atomic<Int>(0)

  /// - Parameter sweepIntervalMs: the default leaves one sweep, before everything else.
  init(workers: Int, sweepIntervalMs: Int64 = 3_600_000, role: Role = .control) throws {
    let number = Self.pages.add(1, ordering: .relaxed).newValue
    let page = try CounterPage.create(
      instance: "hot-path-\(Machine.processID())-\(number)", process: "test", labels: DispatcherCounter.self)
    let commands = try Mailbox<DispatchCommand>(capacity: 64)
    let notices = try Mailbox<ControlNotice>(capacity: 8192)
    // Nobody is lost and there is no stall, however long the test waits for its turn.
    var configuration = DispatcherConfiguration()
    configuration.sweepIntervalMs = sweepIntervalMs
    configuration.controller.stallThresholdMs = 3_600_000
    configuration.controller.workerTimeoutMs = 3_600_000
    var loop = DispatchLoop(
      configuration: configuration, parts: DispatcherParts(), recovery: Recovery(without: configuration),
      counters: page.counters(DispatcherCounter.self), board: try AttentionBoard.create(), barrier: .fence,
      commands: commands.receiver(), notices: notices.sender())
    let submission = try SharedRing.inProcess(capacity: 4096)
    let result = try SharedRing.inProcess(capacity: 4096)
    producer = submission.producer()
    results = result.consumer()
    commandSender = commands.sender()
    noticeReceiver = notices.receiver()
    commandSender.post(
      .attach(
        AttachedPeer(
          JournaledPeer(
            id: 1, epoch: 1, lane: 0, name: "test", role: role.rawValue, uid: 0, pid: 0,
            submissionCapacity: 4096,
            resultCapacity: 4096, tokenHash: .zero),
          submission: submission),
        ResultEnds(result: result, bell: nil, subscription: 0, resumed: nil)))
    var handles: [WorkerHandle] = []
    for index in 0..<workers {
      let transaction = loop.state.handle(
        .workerRegistered(
          "w\(index)", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000)),
          timestampMs: loop.clock.ms(bootNs: Clock.bootNs())))
      if case .worker(let handle, _)? = transaction.subject { handles.append(handle) }
    }
    self.loop = loop
    self.handles = handles
    self.page = page
    self.commands = commands
    self.notices = notices
  }

  /// - Returns: its position; nil when the ring is full.
  func publishHeartbeat(of worker: WorkerHandle, wantsResult: Bool = false) -> UInt64? {
    var head = rm_event_head()
    head.kind = EventKind.workerHeartbeat.rawValue
    head.flags = wantsResult ? UInt8(RM_FLAG_WANTS_RESULT) : 0
    head.slots = 1
    head.subject = worker.rawValue
    return producer.tryPublish(head)
  }

  /// The peer says how far it has heard.
  func noteHeard(upToNs ns: UInt64) { producer.noteHeard(upToNs: ns) }

  /// What was said of ingests since the last look.
  func takeIngestNotices() -> [(isSilent: Bool, cause: String)] {
    var said: [(isSilent: Bool, cause: String)] = []
    while let notice = noticeReceiver.take() {
      if case .ingest(_, let isSilent, let cause) = notice { said.append((isSilent, cause)) }
    }
    return said
  }

  func detach() { commandSender.post(.detach(peer: 1)) }

  /// - Returns: how many there were.
  func takeResultRecords() -> Int {
    var records = 0
    while let head = results.head(as: rm_result_head.self) {
      results.advance(by: Int(head.slots))
      records += 1
    }
    results.release()
    return records
  }
}
