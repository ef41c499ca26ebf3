import LogMessages
import Logging

/// What an archive tells its operator. Called rarely, so that nothing is put off until it is known to be wanted.
struct ArchiveLog: Sendable {
  let logger: Logger

  func debug(
    _ message: String, _ about: KeyValuePairs<String, String> = [:], file: String = #fileID,
    function: String = #function, line: UInt = #line
  ) {
    log(.debug, message, about, file, function, line)
  }

  func info(
    _ message: String, _ about: KeyValuePairs<String, String> = [:], file: String = #fileID,
    function: String = #function, line: UInt = #line
  ) {
    log(.info, message, about, file, function, line)
  }

  func error(
    _ message: String, _ about: KeyValuePairs<String, String> = [:], file: String = #fileID,
    function: String = #function, line: UInt = #line
  ) {
    log(.error, message, about, file, function, line)
  }

  func tell(
    _ message: LogMessage, _ fields: [LogField: Logger.MetadataValue], metadata: Logger.Metadata = [:],
    file: String = #fileID, function: String = #function, line: UInt = #line
  ) {
    logger.tell(message, fields, metadata: metadata, file: file, function: function, line: line)
  }

  private func log(
    _ level: Logger.Level, _ message: String, _ about: KeyValuePairs<String, String>, _ file: String,
    _ function: String, _ line: UInt
  ) {
    let metadata = Logger.Metadata(about.map { ($0.key, .string($0.value)) }) { first, _ in first }
    logger.log(
      level: level, "\(message)", metadata: metadata, source: nil, file: file, function: function, line: line)
  }
}
