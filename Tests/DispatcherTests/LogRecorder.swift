import Logging
import Synchronization

/// Keeps what is logged, for tests.
final class LogRecorder: Sendable {
  private let kept = Mutex<[Line]>([])

  struct Line: Sendable {
    let message: String
    let metadata: [String: String]
  }

  var log: Logger {
    Logger(label: "test", factory: { _ in Handler(recorder: self) })
  }

  /// The lines whose message is `message`.
  func lines(_ message: String) -> [Line] {
    kept.withLock { $0.filter { $0.message == message } }
  }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let line = Line(message: "\(event.message)", metadata: (event.metadata ?? [:]).mapValues { "\($0)" })
      recorder.kept.withLock { $0.append(line) }
    }
  }
}
