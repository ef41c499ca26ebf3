import LogMessages
import Logging
import Platform

/// Entries as lines on standard error, one each. A message's id, which is for the systemd journal, is left out.
struct StreamSink: LogSink {
  private let handler: StreamLogHandler

  init(label: String) {
    handler = StreamLogHandler(label: label, stream: ErrorLines())
  }

  func write(_ event: LogEvent) -> Bool {
    var event = event
    event.metadata?[LogMessage.metadataKey] = nil
    handler.log(event: event)
    return true
  }
}

/// Standard error without the C library's buffer, whose lock the end of a process waits for: a pipe that nobody reads holds up the
/// thread that writes, and no other.
private struct ErrorLines: TextOutputStream, Sendable {
  func write(_ line: String) {
    var scalars = line.unicodeScalars
    if scalars.last == "\n" { scalars.removeLast() }
    try? StandardStream.error.writeLine(String(scalars).withControlsWrittenOut)
  }
}
