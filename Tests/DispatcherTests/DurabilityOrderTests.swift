import CRingmaster
import EventModel
import EventRing
import Foundation
import Journal
import Logging
import Platform
import Testing

@testable import Dispatcher

/// What waits for the disk and for how long, step by step.
@Suite("What waits for the disk", .serialized)
final class DurabilityOrderTests {
  private let instance = "steps-\(UUID().uuidString)"
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
  private let disk = Disk()

  /// Lets something happen while a sync takes its time.
  private final class Disk: @unchecked Sendable {
    var whileSyncing: (() -> Void)?
  }

  private final class Peer {
    let id: UInt32
    private let ring: SharedRing
    private var producer: RingProducer
    private let resultRing: SharedRing
    private let results: RingConsumer

    init(_ reply: SteppedDispatcher.Reply) throws {
      id = reply.peer
      ring = try SharedRing.attach(try FileDescriptor.duplicate(of: reply.descriptors.raw[0]))
      producer = ring.producer()
      resultRing = try SharedRing.attach(try FileDescriptor.duplicate(of: reply.descriptors.raw[1]))
      results = resultRing.consumer()
    }

    var hasAnswer: Bool { results.isPublished() }

    /// Slots that it may write again.
    var released: UInt64 { ring.claimedRelease }

    /// Publishes a record of one slot whose fate is journaled.
    func publish(_ kind: EventKind = .workerHeartbeat) {
      var head = rm_event_head()
      head.kind = kind.rawValue
      head.slots = 1
      head.flags = UInt8(RM_FLAG_WANTS_RESULT)
      // Nobody has this handle.
      head.subject = 1 << 32 | 7
      _ = producer.tryPublish(head)
    }
  }

  deinit {
    SteppedDispatcher.removeRings(instance: instance)
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func begin() throws -> SteppedDispatcher {
    var configuration = DispatcherConfiguration()
    configuration.instance = instance
    configuration.journal = JournalSettings(folder: folder)
    configuration.controller.stallThresholdMs = 3_600_000
    var parts = DispatcherParts()
    parts.journalCalls.syncData = { [disk] (descriptor) throws(SystemError) in
      disk.whileSyncing?()
      try JournalFileCalls.system.syncData(descriptor)
    }
    return try SteppedDispatcher(
      configuration, parts: parts, counters: try SteppedDispatcher.Counters(instance: instance),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func attach(to dispatcher: SteppedDispatcher) throws -> Peer {
    let request = SteppedDispatcher.Request(
      name: "test", role: .control, submissionCapacity: 256, resultCapacity: 1024, subscription: 0,
      token: Array(repeating: 1, count: Int(RM_TOKEN_BYTES)))
    let peer = try Peer(try #require(try dispatcher.attach(request)))
    _ = dispatcher.turn()
    return peer
  }

  private func settle(_ dispatcher: SteppedDispatcher) {
    while case .committed = dispatcher.commit() {}
    _ = dispatcher.turn()
  }

  /// The peers that may begin, and those that are gone, since the last look.
  private func notices(of dispatcher: SteppedDispatcher) -> (admitted: [UInt32], removed: [UInt32]) {
    var notices: (admitted: [UInt32], removed: [UInt32]) = ([], [])
    while let notice = dispatcher.nextNotice() {
      switch notice {
      case .admitted(let peer, _, _): notices.admitted.append(peer)
      case .removed(let peer): notices.removed.append(peer)
      default: break
      }
    }
    return notices
  }

  @Test func aPeerBeginsOnceItIsDurableThatItAttached() throws {
    let dispatcher = try begin()
    let early = try attach(to: dispatcher)
    var late: Peer?
    disk.whileSyncing = { late = try? self.attach(to: dispatcher) }
    #expect(notices(of: dispatcher).admitted.isEmpty)
    #expect(dispatcher.commit() == .committed)
    disk.whileSyncing = nil
    _ = dispatcher.turn()
    #expect(notices(of: dispatcher).admitted == [early.id])
    settle(dispatcher)
    #expect(notices(of: dispatcher).admitted == [try #require(late).id])
  }

  @Test func aPeerThatLeftIsGoneOnceThatIsDurable() throws {
    let dispatcher = try begin()
    let peer = try attach(to: dispatcher)
    settle(dispatcher)
    dispatcher.detach(peer.id)
    for _ in 0..<4 { _ = dispatcher.turn() }
    #expect(notices(of: dispatcher).removed.isEmpty)
    settle(dispatcher)
    #expect(notices(of: dispatcher).removed == [peer.id])
  }

  /// One that is an event, and one that is none for want of a name.
  @Test(arguments: [EventKind.workerHeartbeat, .jobSubmitted])
  func aSlotIsGivenBackAndItsAnswerToldOnceItsRecordIsDurable(_ kind: EventKind) throws {
    let dispatcher = try begin()
    let peer = try attach(to: dispatcher)
    settle(dispatcher)
    peer.publish(kind)
    for _ in 0..<4 { _ = dispatcher.turn() }
    #expect(peer.released == 0 && !peer.hasAnswer)
    settle(dispatcher)
    #expect(peer.released == 1 && peer.hasAnswer)
  }

  /// A commit makes only that durable which was there when it began.
  @Test func aCommitUnderWayGivesNothingBackThatCameLater() throws {
    let dispatcher = try begin()
    let early = try attach(to: dispatcher)
    let late = try attach(to: dispatcher)
    settle(dispatcher)
    early.publish()
    _ = dispatcher.turn()
    disk.whileSyncing = {
      late.publish()
      _ = dispatcher.turn()
    }
    #expect(dispatcher.commit() == .committed)
    disk.whileSyncing = nil
    _ = dispatcher.turn()
    #expect(early.released == 1 && late.released == 0)
    settle(dispatcher)
    #expect(late.released == 1)
  }
}
