import Platform

/// Ends the process when a query takes longer than it may and SQLite does not look at the time: inside one call of a function.
/// It only reads, and the kernel gives up what it holds.
struct QueryDeadline: ~Copyable {
  private let done: Doorbell

  /// What SQLite has for coming to an end by itself.
  private static let graceMs: Int64 = 500
  /// So that no sum is too large.
  private static let longestMs: Int64 = 1 << 40

  /// - Parameter failure: what is said then.
  /// - Throws: `SystemError` when there is no thread or descriptor left.
  init(ms: Int64, _ failure: CommandFailure) throws {
    let done = try Doorbell()
    let waiting = Waiting(done: try done.duplicate())
    let limitUs = (min(max(ms, 0), Self.longestMs) + Self.graceMs) * 1000
    let thread = try NamedThread("query-deadline") {
      if !Poll.readable(waiting.done.descriptor.raw, timeoutUs: limitUs) { Ringctl.end(with: failure) }
    }
    thread.detach()
    self.done = done
  }

  deinit {
    done.ring()
  }

  /// All rows have been read; printing them takes its time.
  consuming func end() {}

  private final class Waiting: Sendable {
    let done: Doorbell

    init(done: consuming Doorbell) {
      self.done = done
    }
  }
}
