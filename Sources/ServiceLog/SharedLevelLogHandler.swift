import Logging
import Synchronization

/// The least severe level that is logged: one for all copies of a logger, so that a reload reaches those that parts hold.
final class SharedLogLevel: Sendable {
  private let rank: Atomic<Int>

  init(_ level: Logger.Level) {
    rank = Atomic(Self.rank(of: level))
  }

  var value: Logger.Level {
    get { Logger.Level.allCases[rank.load(ordering: .relaxed)] }
    set { rank.store(Self.rank(of: newValue), ordering: .relaxed) }
  }

  private static func rank(of level: Logger.Level) -> Int {
    Logger.Level.allCases.firstIndex(of: level) ?? 0
  }
}

/// Another handler under a shared level. A logger whose own level is set sets it for all.
struct SharedLevelLogHandler: LogHandler {
  private var handler: any LogHandler
  private let level: SharedLogLevel

  init(_ handler: any LogHandler, level: SharedLogLevel) {
    self.handler = handler
    // The shared level decides.
    self.handler.logLevel = .trace
    self.level = level
  }

  var logLevel: Logger.Level {
    get { level.value }
    set { level.value = newValue }
  }

  var metadata: Logger.Metadata {
    get { handler.metadata }
    set { handler.metadata = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { handler[metadataKey: key] }
    set { handler[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    handler.log(event: event)
  }
}
