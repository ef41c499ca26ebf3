import LogMessages
import Logging

/// Entries as lines on standard error. A message's id, which is for the systemd journal, is left out.
struct StreamSink: LogSink {
  private let handler: StreamLogHandler

  init(label: String) {
    handler = StreamLogHandler.standardError(label: label)
  }

  func write(_ event: LogEvent) -> Bool {
    var event = event
    event.metadata?[LogMessage.metadataKey] = nil
    handler.log(event: event)
    return true
  }
}
