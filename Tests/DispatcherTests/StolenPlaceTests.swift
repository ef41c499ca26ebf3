import CRingmaster
import Dispatcher
import DispatcherSettings
import Foundation
import Platform
import RawPeers
import Testing

/// The place of a peer whose dispatcher has ended is kept for whoever has its token.
@Suite("A peer's place", .serialized)
struct StolenPlaceTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path

  @Test func isGivenToNobodyButWhoHasItsToken() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = JournalSettings(folder: folder)
    let first = try RunningDispatcher { $0.journal = settings }
    let peer = try RawPeer(first)
    first.stop()
    let second = try RunningDispatcher(after: first) { $0.journal = settings }
    defer { second.stop() }
    var forged = peer.token
    forged[0] ^= 1
    let refusal = try answer(from: second, peer.peer, forged)
    #expect(refusal.word == .refused && refusal.code == RM_REFUSED_UNKNOWN_PEER)
    #expect(try answer(from: second, peer.peer, peer.token).word == .attached)
  }

  private func answer(from dispatcher: RunningDispatcher, _ peer: UInt32, _ token: [UInt8]) throws -> ControlAnswer {
    let socket = try PacketSocket.connect(path: dispatcher.socketPath)
    var request = RawPeer.request()
    request.resumed_peer = peer
    withUnsafeMutableBytes(of: &request.token) { $0.copyBytes(from: token) }
    try socket.send(request)
    return try ControlAnswer.receive(from: socket)
  }
}
