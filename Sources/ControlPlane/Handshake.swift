import CRingmaster
import EventModel
import Platform

/// The words of the control socket: what an attach request must be, and what is answered.
package enum Handshake {
  /// Why a peer is not attached.
  package struct Refusal: Error {
    package let code: UInt32
    package let reason: String
    package let counter: ControlCounter
  }

  /// A request that passed every check.
  package struct Request {
    package let name: String
    package let role: Role
    package let submissionCapacity: Int
    package let resultCapacity: Int
    /// RM_SUBSCRIBE_* bits.
    package let subscription: UInt32
    /// The peer that it was attached as to the dispatcher before; nil for a new one.
    package let resumed: Resumed?

    package init(
      name: String, role: Role, submissionCapacity: Int, resultCapacity: Int, subscription: UInt32, resumed: Resumed?
    ) {
      self.name = name
      self.role = role
      self.submissionCapacity = submissionCapacity
      self.resultCapacity = resultCapacity
      self.subscription = subscription
      self.resumed = resumed
    }
  }

  package struct Resumed {
    package let peer: UInt32
    package let token: PeerToken
    package let known: KnownTransaction

    package init(peer: UInt32, token: PeerToken, known: KnownTransaction) {
      self.peer = peer
      self.token = token
      self.known = known
    }
  }

  /// Checks the copy of a request of `bytes` bytes.
  package static func check(_ request: rm_attach_request, bytes: Int) throws(Refusal) -> Request {
    // The first two fields have their place in every ABI, so that another one can be told from garbage.
    let isEarlier = request.magic == RM_CONTROL_MAGIC_1
    guard bytes >= 8, isEarlier || request.magic == RM_CONTROL_MAGIC else {
      throw malformed(
        "the first message must be an attach request: \(MemoryLayout<rm_attach_request>.size) bytes, no descriptors")
    }
    guard !isEarlier, request.abi_version == RM_ABI_VERSION else {
      let other = OtherVersion(
        "the attach request", found: isEarlier ? 1 : request.abi_version, supported: RM_ABI_VERSION...RM_ABI_VERSION,
        alternative: "install programs of one release")
      throw Refusal(code: RM_REFUSED_ABI, reason: "\(other)", counter: .attachRefusedABI)
    }
    guard bytes == MemoryLayout<rm_attach_request>.size, request.type == RM_CONTROL_ATTACH else {
      throw malformed("an attach request has \(MemoryLayout<rm_attach_request>.size) bytes, this message \(bytes)")
    }
    guard let role = Role(rawValue: request.role) else {
      throw malformed("role \(request.role) is not known")
    }
    let submission = request.submission_capacity
    guard isCapacity(submission, atLeast: RM_RING_MIN_CAPACITY) else {
      throw malformed(
        "a submission ring of \(submission) slots is not possible: a power of two from \(RM_RING_MIN_CAPACITY)")
    }
    let result = request.result_capacity
    guard result == 0 || isCapacity(result, atLeast: RM_RESULT_MIN_CAPACITY) else {
      throw malformed(
        "a result ring of \(result) slots is not possible: 0, or a power of two from \(RM_RESULT_MIN_CAPACITY)")
    }
    let known = RM_SUBSCRIBE_TRANSACTIONS | RM_SUBSCRIBE_ASSIGNMENTS
    guard request.subscription & ~known == 0, result > 0 || request.subscription == 0 else {
      throw malformed("subscription \(request.subscription) is not possible with a result ring of \(result) slots")
    }
    let name = printable(request)
    if role == .worker {
      // Its name is the worker's, to the byte.
      let bytes = withUnsafeBytes(of: request.name) { Array($0.prefix { $0 != 0 }) }
      guard !bytes.isEmpty, bytes.count < request.nameRoom, Array(name.utf8) == bytes else {
        throw malformed(
          "a worker attaches under its name, 1 to \(request.nameRoom - 1) bytes without control characters")
      }
      guard result > 0, request.subscription & RM_SUBSCRIBE_TRANSACTIONS == 0 else {
        throw malformed("a worker has a result ring, and subscribes to its own assignments alone")
      }
    }
    return Request(
      name: name, role: role, submissionCapacity: Int(submission), resultCapacity: Int(result),
      subscription: request.subscription, resumed: resumed(request))
  }

  private static func resumed(_ request: rm_attach_request) -> Resumed? {
    guard request.resumed_peer != 0 else { return nil }
    let token = withUnsafeBytes(of: request.token) { PeerToken(bytes: Array($0)) }
    return Resumed(
      peer: request.resumed_peer, token: token,
      known: KnownTransaction(number: request.last_transaction, epoch: request.epoch))
  }

  private static func isCapacity(_ slots: UInt32, atLeast minimum: UInt32) -> Bool {
    slots >= minimum && slots <= RM_RING_MAX_CAPACITY && slots & (slots - 1) == 0
  }

  private static func malformed(_ reason: String) -> Refusal {
    Refusal(code: RM_REFUSED_MALFORMED, reason: reason, counter: .attachRefusedMalformed)
  }

  /// The peer's name ends up in logs and on terminals.
  private static func printable(_ request: rm_attach_request) -> String {
    let bytes = withUnsafeBytes(of: request.name) { Array($0.prefix { $0 != 0 }) }
    let text = String(decoding: bytes, as: UTF8.self)
    let kept = text.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
    return kept.isEmpty ? "unnamed" : String(String.UnicodeScalarView(kept))
  }

  package static func reply(_ type: UInt32, code: UInt32 = 0, text: String = "") -> rm_attach_reply {
    var reply = rm_attach_reply()
    reply.magic = RM_CONTROL_MAGIC
    reply.abi_version = RM_ABI_VERSION
    reply.type = type
    reply.code = code
    withUnsafeMutableBytes(of: &reply.text) { room in
      room.copyBytes(from: text.utf8.prefix(room.count - 1))
    }
    return reply
  }
}

extension rm_attach_request {
  fileprivate var nameRoom: Int { MemoryLayout.size(ofValue: name) }
}
