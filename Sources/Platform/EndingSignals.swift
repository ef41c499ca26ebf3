import Glibc
import Synchronization

/// Turns the first SIGINT, SIGTERM or SIGHUP into a call, so that a command can end in order; the second one ends the
/// process at once.
///
/// One at a time in a process. It also ignores SIGPIPE: whoever writes to a closed pipe sees the error.
public enum EndingSignals {
  private static let bell = Atomic<Int32>(-1)
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Calls `handler` on a thread of its own when the first signal arrives.
  ///
  /// - Throws: `SystemError` when there is no descriptor or thread left.
  public static func handle(_ handler: @escaping @Sendable () -> Void) throws {
    let doorbell = try Doorbell()
    let descriptor = doorbell.descriptor.raw
    bell.store(descriptor, ordering: .sequentiallyConsistent)
    let waiter = SignalWaiter(doorbell: doorbell)
    try NamedThread("ending-signals") {
      waiter.wait()
      handler()
    }.detach()
    signal(SIGPIPE, SIG_IGN)
    for number in signals {
      // Only async-signal-safe calls: an atomic, a write, signal itself.
      signal(number) { number in
        var one: UInt64 = 1
        _ = write(EndingSignals.bell.load(ordering: .sequentiallyConsistent), &one, 8)
        signal(number, SIG_DFL)
      }
    }
  }
}

/// Owns the doorbell for as long as the thread that waits on it.
private final class SignalWaiter: Sendable {
  private let doorbell: Doorbell

  init(doorbell: consuming Doorbell) {
    self.doorbell = doorbell
  }

  func wait() {
    while !Poll.readable([doorbell.descriptor.raw], timeoutMs: -1)[0] {}
  }
}
