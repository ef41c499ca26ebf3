import CRingmaster
import CTestSystem
import Dispatcher
import EventModel
import Foundation
import Platform
import RawPeers
import RingmasterClient
import Testing

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
    let counts = recorder.lines("more were refused or put out").compactMap { $0.metadata["count"].flatMap { Int($0) } }
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
    let lines = recorder.lines("peer put out")
    #expect(lines.count == 1)
    #expect(lines.first?.metadata["peer"] == "\(peer.peer)")
    #expect(lines.first?.metadata["pid"] == "\(Machine.processID())" && lines.first?.metadata["cause"] == reason)
  }
}
