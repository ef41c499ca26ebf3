/// Up to when a socket's datagrams have all been received.
///
/// An empty socket says so. One that is never seen empty, because so many come, has been read up to a moment once as much was
/// received since as its buffer can hold.
struct HeardMark {
  /// What a datagram takes in the kernel's buffer beside its bytes, at the least.
  static let overheadBytes = 512

  private let bufferBytes: Int
  private var sinceNs: UInt64?
  private var receivedBytes = 0

  /// - Parameter bufferBytes: of the kernel, as it counts them.
  init(bufferBytes: Int) {
    self.bufferBytes = bufferBytes
  }

  /// Notes what one receive call brought.
  ///
  /// - Parameters:
  ///   - bytes: of all datagrams; nil when the call emptied the socket.
  ///   - nowNs: from before the call.
  /// - Returns: up to when all has been received; nil when that is no later than it was.
  mutating func note(datagrams: Int, bytes: Int?, atNs nowNs: UInt64) -> UInt64? {
    guard let bytes else {
      sinceNs = nil
      return nowNs
    }
    let sinceNs = sinceNs ?? nowNs
    if self.sinceNs == nil { receivedBytes = 0 }
    receivedBytes += bytes + datagrams * Self.overheadBytes
    self.sinceNs = receivedBytes < bufferBytes ? sinceNs : nil
    return self.sinceNs == nil ? sinceNs : nil
  }
}
