import CPlatform
import Glibc

/// Waits for any of several descriptors to become readable.
public enum Poll {
  /// - Parameter timeoutMs: -1 waits for ever.
  /// - Returns: for each descriptor whether it is readable or hung up; all false on a timeout or a signal.
  public static func readable(_ descriptors: [Int32], timeoutMs: Int32) -> [Bool] {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let count = poll(&entries, nfds_t(entries.count), timeoutMs)
    return entries.map { count > 0 && $0.revents != 0 }
  }

  /// The same for one descriptor, without allocating. Microseconds, because a dispatcher's naps are short.
  public static func readable(_ descriptor: Int32, timeoutUs: Int64) -> Bool {
    rm_wait_readable(descriptor, timeoutUs) > 0
  }
}
