import RawPeers

extension RawPeer {
  convenience init(_ dispatcher: RunningDispatcher, subscription: UInt32 = 0) throws {
    try self.init(path: dispatcher.socketPath, subscription: subscription)
  }
}
