import CRingmaster
import Platform

/// What the dispatcher says on the control socket.
public struct ControlAnswer: Sendable {
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

  public static let nothing = ControlAnswer(word: .nothing, code: 0, peer: 0, reason: "")

  /// Waits for the next message, as long as the socket does.
  public static func receive(from socket: borrowing PacketSocket) throws -> ControlAnswer {
    var reply = rm_attach_reply()
    guard let packet = try socket.receive(into: &reply) else { return .nothing }
    guard packet.bytes > 0 else { return ControlAnswer(word: .hungUp, code: 0, peer: 0, reason: "") }
    let word: Word =
      switch reply.type {
      case RM_CONTROL_ATTACHED: .attached
      case RM_CONTROL_REFUSED: .refused
      default: .closed
      }
    let reason = withUnsafeBytes(of: reply.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return ControlAnswer(word: word, code: reply.code, peer: reply.peer, reason: reason)
  }
}
