import CRingmaster

/// What a peer needs to attach again as itself.
@usableFromInline
struct PeerIdentity: Sendable {
  let path: String
  let options: AttachOptions
  let peer: UInt32
  /// Another dispatcher process can take over where this one ends.
  let isRecoverable: Bool
  let token: [UInt8]

  init(path: String, options: AttachOptions, _ reply: rm_attach_reply) {
    self.path = path
    self.options = options
    peer = reply.peer
    isRecoverable = reply.flags & RM_ATTACH_RECOVERABLE != 0
    token = withUnsafeBytes(of: reply.token) { Array($0) }
  }
}

/// The first message on the control socket.
enum AttachRequest {
  static func new(_ options: AttachOptions) -> rm_attach_request {
    var request = rm_attach_request()
    request.magic = RM_CONTROL_MAGIC
    request.abi_version = RM_ABI_VERSION
    request.type = RM_CONTROL_ATTACH
    request.role = options.role.rawValue
    request.submission_capacity = UInt32(options.submissionCapacity)
    request.result_capacity = UInt32(options.resultCapacity)
    withUnsafeMutableBytes(of: &request.name) { room in
      room.copyBytes(from: options.name.utf8.prefix(room.count - 1))
    }
    return request
  }

  static func again(
    _ identity: PeerIdentity, subscription: Subscription, lastTransaction: UInt64, epoch: UInt64
  ) -> rm_attach_request {
    var request = new(identity.options)
    request.resumed_peer = identity.peer
    request.subscription = subscription.rawValue
    request.last_transaction = lastTransaction
    request.epoch = epoch
    withUnsafeMutableBytes(of: &request.token) { $0.copyBytes(from: identity.token) }
    return request
  }
}
