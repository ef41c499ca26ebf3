import CRingmaster
import DispatcherSettings
import EventCodec
import EventModel
import EventRing
import Journal
import Platform
import Synchronization
import Telemetry

@testable import ControlPlane
@testable import Dispatcher

/// A dispatch loop with as many peers as a test wants, driven turn by turn.
final class ReadersHarness {
  /// One peer's ends.
  final class Peer {
    var submission: RingProducer
    var results: RingConsumer
    private var writer = RecordWriter()

    /// The loop keeps the rings.
    init(_ submission: borrowing SharedRing, _ results: borrowing SharedRing) {
      self.submission = submission.producer()
      self.results = results.consumer()
    }

    /// - Returns: its position; nil when the ring is full.
    func ask(_ entity: QueryEntity, cursor: UInt64 = 0, limit: Int = 1024) -> UInt64? {
      var head = rm_event_head()
      head.kind = UInt8(RM_KIND_QUERY)
      head.slots = 1
      head.subject = UInt64(entity.rawValue)
      head.object = cursor
      head.extra = Int64(limit)
      return submission.tryPublish(head)
    }

    /// Says that a worker's heartbeat failed.
    func reportFailedHeartbeat(wantsResult: Bool) throws -> UInt64? {
      try submission.tryPublish(writer.encode(.workerHeartbeatFailed("w"), wantsResult: wantsResult, timestampNs: 0))
    }

    /// Reads all that is there.
    func read() -> [rm_result_head] {
      var heads: [rm_result_head] = []
      while let head = results.head(as: rm_result_head.self) {
        results.advance(by: Int(head.slots))
        heads.append(head)
      }
      results.release()
      return heads
    }
  }

  var loop: DispatchLoop
  private let page: CounterPage
  private let commands: Mailbox<DispatchCommand>
  private let notices: Mailbox<ControlNotice>
  private var sender: Mailbox<DispatchCommand>.Sender
  private var peers: UInt32 = 0
  private static let pages = Atomic<Int>(0)

  init(_ adjust: (inout DispatcherConfiguration) -> Void = { _ in }) throws {
    let number = Self.pages.add(1, ordering: .relaxed).newValue
    page = try CounterPage.create(
      instance: "readers-\(Machine.processID())-\(number)", process: "test", labels: DispatcherCounter.self)
    commands = try Mailbox<DispatchCommand>(capacity: 256)
    notices = try Mailbox<ControlNotice>(capacity: 256)
    sender = commands.sender()
    var configuration = DispatcherConfiguration()
    configuration.sweepIntervalMs = 3_600_000
    configuration.controller.stallThresholdMs = 3_600_000
    configuration.controller.workerTimeoutMs = 3_600_000
    adjust(&configuration)
    loop = DispatchLoop(
      configuration: configuration, parts: DispatcherParts(), recovery: Recovery(without: configuration),
      counters: page.counters(DispatcherCounter.self), board: try AttentionBoard.create(), barrier: .fence,
      commands: commands.receiver(), notices: notices.sender())
  }

  /// - Parameter subscription: RM_SUBSCRIBE_* bits.
  func attach(
    _ role: Role, capacity: Int = 4096, resultCapacity: Int = 4096, subscription: UInt32 = 0
  ) throws -> Peer {
    let submission = try SharedRing.inProcess(capacity: capacity)
    let results = try SharedRing.inProcess(capacity: resultCapacity)
    let peer = Peer(submission, results)
    peers += 1
    let facts = JournaledPeer(
      id: peers, epoch: 1, lane: peers - 1, name: "peer\(peers)", role: role.rawValue, uid: 0, pid: 0,
      submissionCapacity: UInt32(capacity), resultCapacity: UInt32(resultCapacity), tokenHash: .zero)
    sender.post(
      .attach(
        AttachedPeer(facts, submission: submission),
        ResultEnds(result: results, bell: nil, subscription: subscription, resumed: nil)))
    turn()
    return peer
  }

  /// - Returns: whether there was anything to do.
  @discardableResult
  func turn() -> Bool {
    loop.turn(nowNs: Clock.bootNs())
  }
}
