import CRingmaster
import EventModel
import Testing

@testable import ControlPlane
@testable import Dispatcher
@testable import RingmasterClient

/// `attach-request.bin` and `attach-reply.bin`: the first words on the control socket.
@Suite(.serialized) struct GoldenHandshakeTests {
  private static let constant = "RM_ABI_VERSION in ringmaster.h"

  @Test func theRequest() throws {
    let name = "attach-request.bin"
    let made = Self.request()
    let golden = try Golden.file(name) { Self.bytes(made) }
    try Golden.expect(Self.bytes(made), isAs: name, Self.constant)
    let request = try golden.withUnsafeBytes { bytes in
      try #require(bytes.count == MemoryLayout<rm_attach_request>.size)
      return bytes.loadUnaligned(as: rm_attach_request.self)
    }
    let read = try Handshake.check(request, bytes: golden.count)
    let resumed = try #require(read.resumed)
    try Golden.expect(
      [
        "name \(read.name)", "role \(read.role.name)", "submission ring \(read.submissionCapacity)",
        "result ring \(read.resultCapacity)", "subscription \(read.subscription)", "peer \(resumed.peer)",
        "knows transaction \(resumed.known.number) of epoch \(resumed.known.epoch)",
        "token \(Self.hex(request.token))",
      ], of: name, Self.constant)
  }

  @Test func theReply() throws {
    let name = "attach-reply.bin"
    var made = Handshake.reply(RM_CONTROL_ATTACHED, code: 0, text: "wëlcome")
    made.peer = 7
    made.submission_capacity = 4096
    made.result_capacity = 1024
    made.lane = 3
    made.flags = RM_ATTACH_MUST_FENCE | RM_ATTACH_RECOVERABLE
    made.last_transaction = 41
    made.epoch = 1 << 50
    withUnsafeMutableBytes(of: &made.token) { $0.copyBytes(from: UInt8(1)...32) }
    let golden = try Golden.file(name) { Self.bytes(made) }
    try Golden.expect(Self.bytes(made), isAs: name, Self.constant)
    let reply = try golden.withUnsafeBytes { bytes in
      try #require(bytes.count == MemoryLayout<rm_attach_reply>.size)
      return bytes.loadUnaligned(as: rm_attach_reply.self)
    }
    let text = withUnsafeBytes(of: reply.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    try Golden.expect(
      [
        "magic \(reply.magic)", "version \(reply.abi_version)", "type \(reply.type)", "code \(reply.code)",
        "peer \(reply.peer)", "submission ring \(reply.submission_capacity)", "result ring \(reply.result_capacity)",
        "lane \(reply.lane)", "flags \(reply.flags)", "transaction \(reply.last_transaction)", "epoch \(reply.epoch)",
        "token \(Self.hex(reply.token))", "text \(text)",
      ], of: name, Self.constant)
  }

  private static func request() -> rm_attach_request {
    let options = AttachOptions(role: .control, name: "täst", submissionCapacity: 4096, resultCapacity: 1024)
    var reply = rm_attach_reply()
    reply.peer = 7
    withUnsafeMutableBytes(of: &reply.token) { $0.copyBytes(from: UInt8(1)...32) }
    let identity = PeerIdentity(path: "", options: options, reply)
    return AttachRequest.again(
      identity, subscription: Subscription(rawValue: RM_SUBSCRIBE_TRANSACTIONS), lastTransaction: 41, epoch: 1 << 50)
  }

  private static func bytes<Value>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value) { [UInt8]($0) } }

  private static func hex<Value>(_ value: Value) -> String {
    bytes(value).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
