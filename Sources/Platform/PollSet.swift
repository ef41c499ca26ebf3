import Glibc

/// A fixed set of descriptors to sleep on, allocated once: a loop that sleeps between datagrams allocates nothing.
public struct PollSet: ~Copyable {
  private let entries: UnsafeMutableBufferPointer<pollfd>

  /// - Parameter descriptors: watched for input, hang-up and error, named by their place here. They stay their owner's.
  public init(_ descriptors: [Int32]) {
    entries = .allocate(capacity: descriptors.count)
    _ = entries.initialize(from: descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) })
  }

  deinit {
    entries.deallocate()
  }

  /// Sleeps until one is ready or the time is over; a signal ends it too.
  ///
  /// - Parameter timeoutMs: -1 is for ever.
  public func wait(timeoutMs: Int32) {
    let count = poll(entries.baseAddress, nfds_t(entries.count), timeoutMs)
    if count <= 0 {
      for index in entries.indices { entries[index].revents = 0 }
    }
  }

  /// Was this one ready when the last `wait` ended?
  public func isReady(_ index: Int) -> Bool {
    entries[index].revents != 0
  }

  /// Leaves one out from now on.
  public func ignore(_ index: Int) {
    entries[index].fd = -1
    entries[index].revents = 0
  }

  /// Sleeps until `descriptor` takes output or the time is over.
  ///
  /// - Returns: whether it does, or fails at once.
  @discardableResult
  public static func waitWritable(_ descriptor: Int32, timeoutMs: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, timeoutMs) > 0
  }
}
