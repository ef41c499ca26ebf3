import Logging

/// What an archive tells its operator. Called rarely, so that nothing is put off until it is known to be wanted.
struct ArchiveLog: Sendable {
  let logger: Logger

  func info(_ message: String, _ about: KeyValuePairs<String, String> = [:]) {
    tell(.info, message, about)
  }

  func notice(_ message: String, _ about: KeyValuePairs<String, String> = [:]) {
    tell(.notice, message, about)
  }

  func error(_ message: String, _ about: KeyValuePairs<String, String> = [:]) {
    tell(.error, message, about)
  }

  func critical(_ message: String, _ about: KeyValuePairs<String, String> = [:]) {
    tell(.critical, message, about)
  }

  private func tell(_ level: Logger.Level, _ message: String, _ about: KeyValuePairs<String, String>) {
    let metadata = Logger.Metadata(about.map { ($0.key, .string($0.value)) }) { first, _ in first }
    logger.log(level: level, "\(message)", metadata: metadata)
  }
}
