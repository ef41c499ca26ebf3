import EventModel
import Glibc
import Platform
import Testing

@testable import Dispatcher

/// What waits for the disk and for how long, step by step.
@Suite("What waits for the disk", .serialized)
struct DurabilityOrderTests {
  private let harness = SteppedHarness()

  @Test func aPeerBeginsOnceItIsDurableThatItAttached() throws {
    let dispatcher = try harness.begin()
    let early = try harness.attach(to: dispatcher)
    var late: SteppedHarness.Peer?
    harness.disk.whileSyncing = { late = try? harness.attach(to: dispatcher) }
    #expect(harness.notices(of: dispatcher).admitted.isEmpty)
    #expect(dispatcher.commit() == .committed)
    harness.disk.whileSyncing = nil
    _ = dispatcher.turn()
    #expect(harness.notices(of: dispatcher).admitted == [early.id])
    harness.settle(dispatcher)
    #expect(harness.notices(of: dispatcher).admitted == [try #require(late).id])
  }

  /// What it said would be lost with this dispatcher.
  @Test func noPeerBeginsOnAJournalThatFailed() throws {
    let dispatcher = try harness.begin()
    let early = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    #expect(harness.notices(of: dispatcher).admitted == [early.id])
    harness.disk.fault = SystemError("sync", code: EIO)
    early.publish()
    _ = dispatcher.turn()
    _ = dispatcher.commit()
    #expect(dispatcher.journalStatus == .failed)
    _ = try harness.attach(to: dispatcher)
    _ = dispatcher.turn()
    #expect(harness.notices(of: dispatcher).admitted.isEmpty)
  }

  @Test func aPeerThatLeftIsGoneOnceThatIsDurable() throws {
    let dispatcher = try harness.begin()
    let peer = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    dispatcher.detach(peer.id)
    for _ in 0..<4 { _ = dispatcher.turn() }
    #expect(harness.notices(of: dispatcher).removed.isEmpty)
    harness.settle(dispatcher)
    #expect(harness.notices(of: dispatcher).removed == [peer.id])
  }

  /// One that is an event, and one that is none for want of a name.
  @Test(arguments: [EventKind.workerHeartbeat, .jobSubmitted])
  func aSlotIsGivenBackAndItsAnswerToldOnceItsRecordIsDurable(_ kind: EventKind) throws {
    let dispatcher = try harness.begin()
    let peer = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    peer.publish(kind)
    for _ in 0..<4 { _ = dispatcher.turn() }
    #expect(peer.released == 0 && !peer.hasAnswer)
    harness.settle(dispatcher)
    #expect(peer.released == 1 && peer.hasAnswer)
  }

  /// After a crash before the commit the letter would be there again.
  @Test func whoAsksForALetterThatHasGoneIsToldOnceItsRemovalIsDurable() throws {
    let dispatcher = try harness.begin()
    let (sender, first, second) = (
      try harness.attach(to: dispatcher), try harness.attach(to: dispatcher), try harness.attach(to: dispatcher)
    )
    harness.settle(dispatcher)
    sender.publish(.jobSubmitted)
    _ = dispatcher.turn()
    harness.settle(dispatcher)
    try first.dropLetter(1)
    _ = dispatcher.turn()
    try second.dropLetter(1)
    for _ in 0..<4 { _ = dispatcher.turn() }
    #expect(!first.hasAnswer && !second.hasAnswer)
    harness.settle(dispatcher)
    #expect(first.hasAnswer && second.hasAnswer)
  }

  /// A commit makes only that durable which was there when it began.
  @Test func aCommitUnderWayGivesNothingBackThatCameLater() throws {
    let dispatcher = try harness.begin()
    let early = try harness.attach(to: dispatcher)
    let late = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    early.publish()
    _ = dispatcher.turn()
    harness.disk.whileSyncing = {
      late.publish()
      _ = dispatcher.turn()
    }
    #expect(dispatcher.commit() == .committed)
    harness.disk.whileSyncing = nil
    _ = dispatcher.turn()
    #expect(early.released == 1 && late.released == 0)
    harness.settle(dispatcher)
    #expect(late.released == 1)
  }
}
