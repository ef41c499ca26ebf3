import LogMessages
import Logging
import Platform

/// The log of a service: the systemd journal, with fields and message ids, when standard error leads there; else lines on
/// standard error.
///
/// Its logger never blocks, on any thread. Flush it before the process ends.
public struct ServiceLog: Sendable {
  public let logger: Logger
  private let queue: LogQueue
  private let level: SharedLogLevel

  /// What a journal that stands still may delay the end of a process by.
  private static let flushTimeoutMs: Int32 = 2000

  /// - Parameter label: the program's name; SYSLOG_IDENTIFIER in the journal.
  /// - Throws: `SystemError` when there are no descriptors.
  public static func open(label: String, level: Logger.Level) throws -> ServiceLog {
    try open(label: label, level: level, isJournal: JournalStream.isStandardError)
  }

  private static func open(label: String, level: Logger.Level, isJournal: Bool) throws -> ServiceLog {
    let queue = try LogQueue(to: isJournal ? JournalSink(identifier: label) : StreamSink(label: label))
    let level = SharedLogLevel(level)
    let logger = Logger(label: label, factory: { _ in SharedLevelLogHandler(QueuedLogHandler(queue), level: level) })
    return ServiceLog(logger: logger, queue: queue, level: level)
  }

  /// Of all copies of the logger. From any thread.
  public func setLevel(_ level: Logger.Level) {
    self.level.value = level
  }

  public func flush() {
    queue.flush(timeoutMs: Self.flushTimeoutMs)
  }

  /// Says why a program ends, with an entry for each cause.
  ///
  /// - Returns: false when standard error does not lead to the journal: nothing is said then.
  public static func tellEnd(of label: String, _ message: LogMessage, causes: [String]) -> Bool {
    guard JournalStream.isStandardError, let log = try? open(label: label, level: message.level, isJournal: true) else {
      return false
    }
    for cause in causes { log.logger.tell(message, [.cause: .string(cause)]) }
    return log.queue.flush(timeoutMs: flushTimeoutMs)
  }
}
