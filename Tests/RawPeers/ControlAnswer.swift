import CRingmaster
import Platform

/// What the dispatcher says on the control socket; thrown where it does not attach a peer.
public struct ControlAnswer: Error {
  public enum Word: String, Sendable {
    case attached, refused, closed
    /// It closed the connection and gave no reason.
    case hungUp
    /// Nothing came within the time that the socket waits.
    case nothing
  }

  public let word: Word
  /// RM_REFUSED_* or RM_CLOSED_*.
  public let code: UInt32
  public let peer: UInt32
  public let reason: String

  public static let nothing = ControlAnswer(.nothing)
  static let hungUp = ControlAnswer(.hungUp)

  public init(_ word: Word, reason: String = "") {
    self.word = word
    self.reason = reason
    (code, peer) = (0, 0)
  }

  init(_ reply: rm_attach_reply) {
    word =
      switch reply.type {
      case RM_CONTROL_ATTACHED: .attached
      case RM_CONTROL_REFUSED: .refused
      default: .closed
      }
    code = reply.code
    peer = reply.peer
    reason = withUnsafeBytes(of: reply.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// Waits for the next message, as long as the socket does.
  public static func receive(from socket: borrowing PacketSocket) throws -> ControlAnswer {
    var reply = rm_attach_reply()
    guard let packet = try socket.receive(into: &reply) else { return .nothing }
    return packet.bytes > 0 ? ControlAnswer(reply) : .hungUp
  }
}
