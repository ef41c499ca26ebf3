import CRingmaster
import DispatcherSettings
import EventModel
import Foundation
import Journal
import Platform
import RawPeers
import RingmasterClient
import Testing

@testable import ControlPlane
@testable import Dispatcher

/// Dispatchers that begin on an older state of their journal, and what others know better.
@Suite("Epochs of a dispatcher", .serialized)
struct EpochTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
  private let copy = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path

  private static func job(_ name: String) -> Event {
    .jobSubmitted(name, request: JobRequest())
  }

  private func removeAll() {
    for path in [folder, copy] { try? FileManager.default.removeItem(atPath: path) }
  }

  private func copyJournal() throws {
    try FileManager.default.copyItem(atPath: folder, toPath: copy)
    try? FileManager.default.removeItem(atPath: "\(copy)/journal.lock")
  }

  @Test func eachStartIsAnEpochOfItsOwn() async throws {
    defer { removeAll() }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    let client = try first.client()
    let before = try await client.dispatch(Self.job("a"))
    first.stop()
    let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder) }
    defer { second.stop() }
    let after = try await client.dispatch(Self.job("b"))
    #expect(before.epoch > 0 && after.epoch > before.epoch)
    #expect(after.transaction?.number == 2)
    client.close()
  }

  /// The answer was made by the dispatcher before: it comes under that one's epoch.
  @Test func aResultOfAnEarlierEpochSaysSo() throws {
    defer { removeAll() }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    var peer = try first.attachment()
    _ = try peer.submission.publish(Self.job("a"), wantsResult: true)
    peer.submission.flush()
    #expect(try eventually { try first.counter(.resultsPublished) == 1 })
    first.stop()
    // The peer has read nothing: it says that it knows of no transaction, and the result comes again.
    let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder) }
    defer { second.stop() }
    var other = try second.attachment()
    _ = try other.submission.publish(Self.job("b"), wantsResult: true)
    other.submission.flush()
    var epochs: [String: UInt64] = [:]
    let came = try eventually {
      _ = Poll.readable(peer.link.descriptor, timeoutUs: 1000)
      _ = peer.tend()
      while case .result(let result)? = try peer.results.next() { epochs["first"] = result.epoch }
      while case .result(let result)? = try other.results.next() { epochs["second"] = result.epoch }
      return epochs.count == 2
    }
    #expect(came)
    #expect((epochs["first"] ?? 0) < (epochs["second"] ?? 0))
  }

  private static func alarms(_ recorder: LogRecorder) -> [String] {
    let messages = ["the journal has lost its end", "a peer says that it knows of more than the journal has"]
    return messages.flatMap { recorder.lines($0) }.compactMap { $0.metadata["cause"] }
  }

  /// Power was lost, and the disk had not kept what it said was safe.
  @Test func aLostTailIsAnAlarmAndNobodyWaitsForEver() async throws {
    defer { removeAll() }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    let client = try first.client()
    _ = try await client.dispatch(Self.job("a"))
    try copyJournal()
    for name in ["b", "c", "d"] { _ = try await client.dispatch(Self.job(name)) }
    first.stop()
    let recorder = LogRecorder()
    let second = try RunningDispatcher(after: first, log: recorder.log) { $0.journal = JournalSettings(folder: copy) }
    defer { second.stop() }
    let answer = try await client.dispatch(Self.job("e"))
    #expect(answer.transaction?.number == 2 && answer.promise == .durable)
    let alarms = Self.alarms(recorder)
    #expect(alarms.contains { $0.contains("up to transaction 4") && $0.contains("knows of 1") }, "\(alarms)")
    #expect(alarms.contains { $0.hasPrefix("its ring knows of transaction 4") }, "\(alarms)")
    client.close()
  }

  /// Another dispatcher went on with the journal while a copy of it lay aside: the rings are not the copy's.
  @Test func aCopyOpensNoRingsOfAnotherLife() async throws {
    defer { removeAll() }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    let client = try first.client()
    _ = try await client.dispatch(Self.job("a"))
    try copyJournal()
    first.stop()
    let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder) }
    _ = try await client.dispatch(Self.job("b"))
    var late = try second.attachment()
    second.stop()
    for number in 0..<50 { _ = try late.submission.publish(Self.job("late-\(number)")) }
    let recorder = LogRecorder()
    let third = try RunningDispatcher(after: second, log: recorder.log) { $0.journal = JournalSettings(folder: copy) }
    defer { third.stop() }
    let stranger = try third.client(name: "stranger")
    #expect(try await stranger.query(.jobs).count == 1)
    #expect(try third.counter(.transactions) == 0)
    let alarms = Self.alarms(recorder)
    #expect(alarms.count >= 2, "\(alarms)")
    // The copy knows nothing of that peer: its ring alone tells.
    #expect(
      alarms.contains {
        $0.hasPrefix("the ring /ringmaster.") && $0.contains("in an epoch that the journal does not know")
      }, "\(alarms)")
    stranger.close()
    client.close()
  }

  /// The rings of a peer that attached after the copy was made, in the same epoch, know of more than it.
  @Test func aRingThatKnowsMoreIsAnAlarm() async throws {
    defer { removeAll() }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    try copyJournal()
    var peer = try first.attachment()
    _ = try peer.submission.publish(Self.job("a"), wantsResult: true)
    peer.submission.flush()
    #expect(try eventually { try first.counter(.resultsPublished) == 1 })
    first.stop()
    let recorder = LogRecorder()
    let second = try RunningDispatcher(after: first, log: recorder.log) { $0.journal = JournalSettings(folder: copy) }
    defer { second.stop() }
    let alarms = Self.alarms(recorder)
    #expect(
      alarms.contains { $0.hasPrefix("the ring /ringmaster.") && $0.contains("knows of transaction 1") }, "\(alarms)")
  }

  /// The journal's folder was removed, and a new journal begun: the rings that are left tell of the old one.
  @Test func ringsOfAnotherJournalAreAnAlarm() throws {
    defer { removeAll() }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    _ = try first.attachment()
    let peer = try first.attachment()
    first.stop()
    let recorder = LogRecorder()
    let second = try RunningDispatcher(after: first, log: recorder.log) { $0.journal = JournalSettings(folder: copy) }
    defer { second.stop() }
    let alarms = Self.alarms(recorder)
    #expect(alarms.contains { $0.contains("is of a peer of another journal") }, "\(alarms)")
    withExtendedLifetime(peer) {}
  }

  /// What stands in their rings, to which they can write.
  @Test func noPeerForgesAnAlarm() throws {
    defer { removeAll() }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    let observer = try RawPeer(path: first.socketPath, role: RM_ROLE_OBSERVE)
    let peers = try (0..<3).map { _ in try RawPeer(path: first.socketPath) }
    first.stop()
    func stamp(_ memory: borrowing SharedMemory, epoch: UInt64? = nil, transaction: UInt64) {
      let place = memory.base + Int(RM_CONSUMER_STAMP_OFFSET)
      if let epoch { place.storeBytes(of: epoch, as: UInt64.self) }
      (place + 8).storeBytes(of: transaction, as: UInt64.self)
    }
    stamp(observer.submission, transaction: 5)
    stamp(peers[0].submission, transaction: 5)
    stamp(peers[1].submission, transaction: .max)
    stamp(peers[2].submission, epoch: .max, transaction: 0)
    let results = try SharedMemory.map(observer.resultDescriptor.duplicate(), writable: true, guarded: true)
    stamp(results, epoch: .max, transaction: 1 << 20)
    let recorder = LogRecorder()
    let second = try RunningDispatcher(after: first, log: recorder.log) { $0.journal = JournalSettings(folder: folder) }
    second.stop()
    // What stands in the ring that was not opened is no more believed than before.
    let third = try RunningDispatcher(after: second, log: recorder.log) { $0.journal = JournalSettings(folder: folder) }
    third.stop()
    #expect(recorder.lines("the journal has lost its end").isEmpty)
    let errors = recorder.lines("a peer says that it knows of more than the journal has").map(\.metadata)
    #expect(Set(errors.map { $0["peer"] }) == ["\(peers[0].peer)"], "\(errors)")
    #expect(errors.allSatisfy { $0["uid"] == "\(Machine.effectiveUserID())" && $0["name"] == "unnamed" })
    let notices = recorder.lines("a peer says that it knows of more than the journal has: not believed")
    #expect(
      Set(notices.map { $0.metadata["peer"] }) == Set([observer, peers[1], peers[2]].map { "\($0.peer)" }), "\(notices)"
    )
  }

  /// The numbers of peers that were never journaled are not given again either.
  @Test func numbersOfPeersAreNeverGivenAgain() {
    var registry = PeerRegistry(maximumPeers: 16, lastPeer: 10, lastReserved: 12)
    let first = registry.allocate(fromReserve: true)
    #expect(first?.peer == 11)
    let wanted = [registry.wantedReservation(), registry.wantedReservation()]
    #expect(wanted == [1036, nil], "it is asked once")
    let second = registry.allocate(fromReserve: true)
    let third = registry.allocate(fromReserve: true)
    #expect(second?.peer == 12 && third == nil, "no more are set aside")
    registry.noteReservation(upTo: 1036)
    let fourth = registry.allocate(fromReserve: true)
    #expect(fourth?.peer == 13)
    var last = PeerRegistry(maximumPeers: 16, lastPeer: .max - 1, lastReserved: .max)
    let highest = last.allocate(fromReserve: true)
    let none = last.allocate(fromReserve: true)
    let more = last.wantedReservation()
    #expect(highest?.peer == .max && none == nil && more == nil)
    #expect(last.obstacle(fromReserve: true).contains("used up"))
  }

  @Test func whatOthersKnowIsCompared() {
    let epoch = DispatcherEpoch(
      number: 30, journal: .one,
      past: [.init(number: 10, lastTransaction: 100), .init(number: 20, lastTransaction: 150)])
    #expect(epoch.compare(100, in: 10) == .known)
    #expect(epoch.compare(101, in: 10) == .lostTail(behind: 100))
    #expect(epoch.compare(150, in: 20) == .known)
    #expect(epoch.compare(.max, in: 20) == .lostTail(behind: 150))
    #expect(epoch.compare(5, in: 25) == .otherHistory)
    #expect(epoch.compare(5, in: 15) == .otherHistory, "another life had it")
    #expect(epoch.compare(5, in: .max) == .otherHistory)
    #expect(epoch.compare(500, in: 5) == .known, "too long ago to tell")
    #expect(epoch.resumption(after: 120, in: 10) == 100)
    #expect(epoch.resumption(after: 90, in: 10) == 90)
    #expect(epoch.resumption(after: .max, in: .max) == 150)
    #expect(epoch.resumption(after: 120, in: 15) == 100, "the beginning of that epoch is lost, and what came in it")
    #expect(epoch.resumption(after: 120, in: 5) == 120)
  }
}
