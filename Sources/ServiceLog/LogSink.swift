import Logging

/// Where a `LogQueue` leads to.
public protocol LogSink: Sendable {
  /// May block; called from one thread at a time.
  ///
  /// - Returns: false when the entry is lost.
  func write(_ event: LogEvent) -> Bool
}
