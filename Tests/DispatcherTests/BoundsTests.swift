import EventBus
import EventModel
import Journal
import Platform
import Testing

@testable import Dispatcher

/// What a dispatcher holds for others does not grow with what they do.
@Suite("What is held is bounded", .serialized)
struct BoundsTests {
  private static let second: UInt64 = 1_000_000_000
  private static let backlogBytes = 4096
  private let harness = SteppedHarness()

  /// Its answers wait for the disk, and nobody reads them any more.
  @Test func whoHasLeftTakesNoMoreThanOthers() throws {
    let dispatcher = try harness.begin { $0.resultBacklogBytes = Self.backlogBytes }
    let peer = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    for _ in 0..<100 { peer.publish() }
    dispatcher.detach(peer.id)
    for _ in 0..<4 { _ = dispatcher.turn() }
    #expect(dispatcher.read { $0.transactionLog.lastNumber } == 100)
    #expect(dispatcher.exceededBound == nil)
  }

  /// What is in its ring is handled all the same, as it reads its answers.
  @Test func noMoreAnswersWaitWhenTheDispatcherEnds() throws {
    let dispatcher = try harness.begin { $0.resultBacklogBytes = Self.backlogBytes }
    let peer = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    for _ in 0..<100 { peer.publish() }
    dispatcher.shutDown()
    for _ in 0..<4 { _ = dispatcher.turn() }
    #expect(dispatcher.exceededBound == nil)
    for _ in 0..<20 { harness.settle(dispatcher) }
    #expect(dispatcher.hasDrained)
    #expect(dispatcher.read { $0.transactionLog.lastNumber } == 100)
  }

  /// A disk hangs while the machine is suspended again and again.
  @Test func stallsThatFindNoRoomAreNotedLater() throws {
    let time = SimulatedTime(bootNs: 1000 * Self.second, wallMs: 1_700_000_000_000)
    var dispatcher: SteppedDispatcher? = try harness.begin {
      $0.journal?.writer.queueBytes = JournalConfiguration.minimumQueueBytes
      $0.controller.workerTimeoutMs = 3_600_000
    }
    for _ in 0..<2000 {
      time.advance(ns: 2 * Self.second)
      _ = dispatcher?.turn()
    }
    dispatcher.map { harness.settle($0) }
    dispatcher.map { harness.settle($0) }
    let made = dispatcher?.read { $0.transactionLog.lastNumber }
    let hash = dispatcher?.read { $0.stateHash }
    dispatcher = nil
    let next = try harness.begin { $0.controller.workerTimeoutMs = 3_600_000 }
    #expect(next.recoveredTransaction == made)
    #expect(next.read { $0.stateHash } == hash)
  }

  @Test func theTextOfAnEventIsMostOfWhatItsResultTakes() {
    let text = String(repeating: "x", count: 4096)
    let attributes = (0..<20).map { WorkerMetadata.Attribute(key: "\($0)", value: String(text.prefix(200))) }
    let reported = (0..<200).map { ReportedTask(task: .name("a-job-with-a-name/task-\($0)"), attempt: 0) }
    for event in [
      Event.jobCancelled("j", reason: text), .workerReconciled("w", reported: reported),
      .workerRegistered(
        "w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1), attributes: attributes)),
    ] {
      let result = DispatchResult(event: event, disposition: .dropped(by: "test"), observations: [])
      let stored = StoredResult(LoggedResult(result), record: 0, transaction: 1, isForOrigin: true)
      #expect(stored.bytes > text.utf8.count, "\(event.kind)")
    }
  }
}
