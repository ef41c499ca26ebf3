import LogMessages
import Logging
import Platform
import Synchronization

/// Log entries on their way to a thread that writes them, so that who logs never waits for who reads.
///
/// Any thread may add: it takes a lock that is only ever held to append or to take, and rings a bell when the queue was empty.
/// When the queue is full, entries are counted in place of being kept, and an entry says later how many. A queue lives as long
/// as its process.
public final class LogQueue: Sendable {
  /// Beside as many that are being written.
  public static let defaultCapacity = 2048

  private struct State {
    var waiting: [LogEvent] = []
    /// Since it was last told.
    var dropped: UInt64 = 0
    var accepted: UInt64 = 0
    var written: UInt64 = 0
    var hasThread = false
  }

  private let sink: any LogSink
  private let capacity: Int
  private let state = Mutex(State())
  private let filled: Doorbell
  private let emptied: Doorbell

  /// Starts no thread before the first entry comes.
  ///
  /// - Throws: `SystemError` when there are no descriptors.
  public init(to sink: any LogSink, capacity: Int = defaultCapacity) throws {
    self.sink = sink
    self.capacity = capacity
    filled = try Doorbell()
    emptied = try Doorbell()
  }

  /// Never blocks.
  public func add(_ event: LogEvent) {
    let (isFirst, needsThread) = state.withLock { state in
      guard state.waiting.count < capacity else {
        state.dropped += 1
        return (false, false)
      }
      state.waiting.append(event)
      state.accepted += 1
      defer { state.hasThread = true }
      return (state.waiting.count == 1, !state.hasThread)
    }
    if needsThread { startThread() }
    if isFirst { filled.ring() }
  }

  private func startThread() {
    do {
      let thread = try NamedThread("rm-log") { self.run() }
      thread.detach()
    } catch {
      while writeWaiting() {}
      state.withLock { $0.hasThread = false }
    }
  }

  private func run() {
    while true {
      while writeWaiting() {}
      _ = Poll.readable([filled.descriptor.raw], timeoutMs: -1)
      filled.answer()
    }
  }

  /// - Returns: whether there was anything.
  private func writeWaiting() -> Bool {
    var batch: [LogEvent] = []
    let dropped = state.withLock { state -> UInt64 in
      guard !state.waiting.isEmpty else { return 0 }
      swap(&batch, &state.waiting)
      defer { state.dropped = 0 }
      return state.dropped
    }
    guard !batch.isEmpty else { return false }
    var lost = dropped
    for event in batch where !sink.write(event) { lost += 1 }
    if lost > 0, !sink.write(Self.notice(ofDropped: lost)) {
      state.withLock { $0.dropped += lost }
    }
    state.withLock { $0.written += UInt64(batch.count) }
    emptied.ring()
    return true
  }

  private static func notice(ofDropped count: UInt64) -> LogEvent {
    let message = LogMessage.entriesDropped
    let metadata: Logger.Metadata = [
      LogMessage.metadataKey: .string(message.id), LogField.dropped.rawValue: .stringConvertible(count),
    ]
    return LogEvent(
      level: message.level, message: "\(message.text)", metadata: metadata, source: nil, file: #fileID,
      function: #function, line: #line)
  }

  /// Waits until what has been added is written. From one thread at a time.
  ///
  /// - Returns: false when that took longer than `timeoutMs`.
  @discardableResult
  public func flush(timeoutMs: Int32) -> Bool {
    let (accepted, deadlineNs) = (state.withLock { $0.accepted }, Clock.monotonicNs() + UInt64(timeoutMs) * 1_000_000)
    while state.withLock({ $0.written }) < accepted {
      let nowNs = Clock.monotonicNs()
      guard nowNs < deadlineNs else { return false }
      if Poll.readable(emptied.descriptor.raw, timeoutUs: Int64((deadlineNs - nowNs) / 1000 + 1)) { emptied.answer() }
    }
    return true
  }
}
