import CRingmaster
import CTestSystem
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

@Suite("Those who flood the control socket", .serialized)
struct ControlSocketFloodTests {
  private static let stranger: UInt32 = 65534

  /// Connects and says nothing.
  private final class Silence: Sendable {
    let socket: PacketSocket

    init(_ path: String) throws {
      socket = try PacketSocket.connect(path: path)
    }

    var answer: ControlAnswer {
      get throws { try ControlAnswer.receive(from: socket) }
    }
  }

  /// Made on a thread of its own, as another user if one is named.
  private func silences(_ count: Int, _ dispatcher: RunningDispatcher, uid: UInt32? = nil) async throws -> [Silence] {
    let path = dispatcher.socketPath
    if uid != nil { try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path) }
    return try await withCheckedThrowingContinuation { continuation in
      Thread {
        continuation.resume(
          with: Result {
            if let uid { #expect(test_become_user(uid) == 0) }
            defer { if uid != nil { _ = test_become_user(0) } }
            return try (0..<count).map { _ in try Silence(path) }
          })
      }.start()
    }
  }

  @Test(.enabled(if: Machine.effectiveUserID() == 0))
  func aUserWhoFillsTheSocketKeepsNobodyElseOut() async throws {
    let dispatcher = try RunningDispatcher { $0.access.control.users = [Self.stranger] }
    defer { dispatcher.stop() }
    let flood = try await silences(300, dispatcher, uid: Self.stranger)
    // At once, not when those have been waited for.
    let client = try dispatcher.client()
    _ = try await client.query(.peers)
    // The flood made way for itself, from its oldest connection on.
    #expect(try dispatcher.controlCounter(.attachRefusedSilent) >= 300 - 64)
    for gone in flood.prefix(300 - 64) {
      let answer = try gone.answer
      #expect(answer.word == .refused && answer.code == RM_REFUSED_SILENT)
    }
  }

  @Test func aFloodDoesNotKeepItsOwnUserOutEither() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let flood = try await silences(200, dispatcher)
    let client = try dispatcher.client()
    _ = try await client.query(.peers)
    withExtendedLifetime(flood) {}
  }

  @Test(.enabled(if: Machine.effectiveUserID() == 0))
  func aUserWhoTakesEveryPlaceLeavesSomeToRoot() async throws {
    let dispatcher = try RunningDispatcher {
      $0.maximumPeers = 64
      $0.access.control.users = [Self.stranger]
    }
    defer { dispatcher.stop() }
    let crowd = try await silences(63, dispatcher, uid: Self.stranger)
    for (number, silence) in crowd.enumerated() {
      try silence.socket.send(RawPeer.request())
      let answer = try silence.answer
      #expect(answer.word == (number < 62 ? .attached : .refused), "peer \(number)")
      if answer.word == .refused { #expect(answer.code == RM_REFUSED_FULL && answer.reason.contains("for root")) }
    }
    let clients = try (0..<2).map { _ in try dispatcher.client() }
    #expect(try await clients[1].query(.peers).count == 64)
  }

  @Test(.enabled(if: Machine.effectiveUserID() == 0))
  func aUserHasSoManyPeersAndSoMuchMemoryAndAttachesSoOften() async throws {
    let recorder = LogRecorder()
    let dispatcher = try RunningDispatcher(log: recorder.log) {
      $0.access.control.users = [Self.stranger, Self.stranger - 1]
      $0.userLimits.peers = 3
      $0.userLimits.attachesPerMinute = 5
      $0.userLimits.ringBytes = 1 << 20
    }
    defer { dispatcher.stop() }
    func attach(_ uid: UInt32, capacity: UInt32 = 64) async throws -> (Silence, ControlAnswer) {
      let silence = try await silences(1, dispatcher, uid: uid)[0]
      var request = RawPeer.request()
      request.submission_capacity = capacity
      try silence.socket.send(request)
      return (silence, try silence.answer)
    }
    var attached: [Silence] = []
    for number in 0..<4 {
      let (silence, answer) = try await attach(Self.stranger)
      #expect(answer.word == (number < 3 ? .attached : .refused))
      if number == 3 { #expect(answer.code == RM_REFUSED_FULL && answer.reason.contains("peers_per_user")) }
      attached.append(silence)
    }
    attached = []
    #expect(try eventually { try dispatcher.counter(.peersDetached) == 3 && dispatcher.rings.isEmpty })
    for number in 0..<20 {
      let (_, answer) = try await attach(Self.stranger)
      #expect(answer.word == (number < 2 ? .attached : .refused))
      if number >= 2 { #expect(answer.reason.contains("attaches_per_user_per_minute")) }
    }
    #expect(recorder.lines("peer attached").count == 5)
    let (_, large) = try await attach(Self.stranger - 1, capacity: 1 << 14)
    #expect(large.word == .refused && large.reason.contains("ring_memory_per_user_bytes"))
    let (_, small) = try await attach(Self.stranger - 1)
    #expect(small.word == .attached, "another user is not held up")
    for _ in 0..<10 { _ = try dispatcher.attachment() }
  }

  @Test(.enabled(if: Machine.effectiveUserID() == 0))
  func aUserWhoTakesEveryDescriptorLeavesSomeToTheJournalAndToRoot() async throws {
    let dispatcher = try RunningDispatcher {
      $0.openFiles = 200
      $0.access.control.users = [Self.stranger]
    }
    defer { dispatcher.stop() }
    var refusals: Set<String> = []
    var attached = 0
    let crowd = try await silences(40, dispatcher, uid: Self.stranger)
    for silence in crowd {
      try silence.socket.send(RawPeer.request())
      let answer = try silence.answer
      if answer.word == .attached { attached += 1 } else { refusals.insert(answer.reason) }
    }
    #expect((20...30).contains(attached))
    #expect(refusals.count == 1 && refusals.first?.contains("200 open files") == true, "\(refusals)")
    let client = try dispatcher.client()
    #expect(try await client.query(.peers).count == attached + 1)
    client.close()
  }

  /// Each has descriptors under way, of which the kernel lets a user have only so many.
  @Test(.enabled(if: Machine.effectiveUserID() == 0))
  func whoDoesNotReadRepliesGetsNoMore() async throws {
    let dispatcher = try RunningDispatcher {
      $0.openFiles = 480
      $0.access.control.users = [Self.stranger]
    }
    defer { dispatcher.stop() }
    let crowd = try await silences(12, dispatcher, uid: Self.stranger)
    for silence in crowd.prefix(10) { try silence.socket.send(RawPeer.request()) }
    #expect(try eventually { try dispatcher.counter(.peersAttached) == 10 })
    try crowd[10].socket.send(RawPeer.request())
    let refused = try crowd[10].answer
    #expect(refused.word == .refused && refused.code == RM_REFUSED_FULL)
    #expect(refused.reason.contains("10 clients of user \(Self.stranger) have not read"), "\(refused.reason)")
    for silence in crowd.prefix(10) { #expect(try silence.answer.word == .attached) }
    try crowd[11].socket.send(RawPeer.request())
    #expect(try crowd[11].answer.word == .attached)
  }

  @Test func aReplyThatCannotBeSentIsARefusalInTheLog() async throws {
    let recorder = LogRecorder()
    let dispatcher = try RunningDispatcher(log: recorder.log)
    defer { dispatcher.stop() }
    let deaf = try await silences(1, dispatcher)[0]
    shutdown(deaf.socket.descriptor.raw, Int32(SHUT_RD))
    try deaf.socket.send(RawPeer.request())
    #expect(try eventually { try dispatcher.controlCounter(.attachRefusedResources) == 1 })
    #expect(try eventually { try dispatcher.counter(.peersDetached) == 1 && dispatcher.rings.isEmpty })
    #expect(recorder.lines("attach refused").compactMap { $0.metadata["cause"] }.contains { $0.contains("its rings") })
    #expect(recorder.lines("peer attached").isEmpty)
  }

  @Test(.enabled(if: Machine.effectiveUserID() == 0))
  func aPeerThatComesBackTakesNoMoreMemoryThanItsUserMay() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "back-\(Machine.processID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func adjust(_ configuration: inout DispatcherConfiguration) {
      configuration.journal = JournalSettings(folder: folder)
      configuration.access.control.users = [Self.stranger]
      configuration.userLimits.ringBytes = 1 << 20
    }
    let first = try RunningDispatcher { adjust(&$0) }
    let before = try await silences(1, first, uid: Self.stranger)[0]
    var request = RawPeer.request()
    var reply = rm_attach_reply()
    try before.socket.send(request)
    _ = try before.socket.receive(into: &reply)
    first.stop()
    let second = try RunningDispatcher(after: first) { adjust(&$0) }
    defer { second.stop() }
    request.resumed_peer = reply.peer
    request.token = reply.token
    for (capacity, word): (UInt32, ControlAnswer.Word) in [(1 << 16, .refused), (2048, .attached)] {
      request.result_capacity = capacity
      let again = try await silences(1, second, uid: Self.stranger)[0]
      try again.socket.send(request)
      let answer = try again.answer
      #expect(answer.word == word, "\(answer.reason)")
      if word == .refused { #expect(answer.reason.contains("ring_memory_per_user_bytes")) }
    }
    var registry = PeerRegistry(maximumPeers: 4, lastPeer: 0, lastReserved: .max)
    let facts = JournaledPeer(
      id: 1, epoch: 1, lane: 0, name: "", role: RM_ROLE_CONTROL, uid: 1, pid: 1, submissionCapacity: 64,
      resultCapacity: 1024, tokenHash: .zero)
    registry.insert(facts, .away(deadlineNs: 0))
    _ = registry.returned(1, resultRing: nil, resultCapacity: 8192)
    #expect(registry.usage(of: 1).ringBytes == PeerRegistry.ringBytes(64) + PeerRegistry.ringBytes(8192))
  }

  @Test func whoSaysNothingIsToldSo() async throws {
    let recorder = LogRecorder()
    let dispatcher = try RunningDispatcher(log: recorder.log)
    defer { dispatcher.stop() }
    let silent = try await silences(1, dispatcher)[0]
    let answer = try silent.answer
    #expect(answer.word == .refused && answer.code == RM_REFUSED_SILENT && answer.reason.contains("within 5 s"))
    let line = try #require(recorder.lines("attach refused").first)
    #expect(line.metadata["pid"] == "\(Machine.processID())" && line.metadata["cause"] == answer.reason)
  }

  @Test func aFloodIsOneLineOfItsProcessAndItsNumber() async throws {
    let recorder = LogRecorder()
    let dispatcher = try RunningDispatcher(log: recorder.log)
    for _ in 0..<500 {
      let socket = try PacketSocket.connect(path: dispatcher.socketPath)
      try socket.send(rm_field(tag: 1, length: 2))
      _ = try ControlAnswer.receive(from: socket)
    }
    // What is left to say is said at the end.
    dispatcher.stop()
    #expect(recorder.lines("attach refused").count == 1)
    let counts = recorder.lines("more were refused or disconnected").compactMap {
      $0.metadata["count"].flatMap { Int($0) }
    }
    #expect(counts.reduce(0, +) == 499)
  }

  @Test func aRequestWithADescriptorIsRefused() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    for _ in 0..<3 {
      let socket = try PacketSocket.connect(path: dispatcher.socketPath)
      try socket.send(RawPeer.request(), descriptors: [0, 1])
      let answer = try ControlAnswer.receive(from: socket)
      #expect(answer.word == .refused && answer.code == RM_REFUSED_MALFORMED)
      #expect(answer.reason.contains("no descriptors"))
    }
  }

  @Test func aPeerThatIsPutOutIsNamedInTheLog() async throws {
    let recorder = LogRecorder()
    let dispatcher = try RunningDispatcher(log: recorder.log)
    let peer = try RawPeer(dispatcher)
    peer.publish(RawPeer.head(kind: 99))
    let reason = try #require(try peer.closedReason())
    dispatcher.stop()
    let lines = recorder.lines("peer disconnected")
    #expect(lines.count == 1)
    #expect(lines.first?.metadata["peer"] == "\(peer.peer)")
    #expect(lines.first?.metadata["pid"] == "\(Machine.processID())" && lines.first?.metadata["cause"] == reason)
  }
}
