import Logging

extension Logger {
  /// Logs an entry of a known kind at its level.
  ///
  /// - Parameters:
  ///   - fields: those of the kind, and what else there is.
  ///   - metadata: under keys that no `LogField` has.
  public func tell(
    _ message: LogMessage, _ fields: [LogField: MetadataValue] = [:], metadata: Metadata = [:],
    file: String = #fileID, function: String = #function, line: UInt = #line
  ) {
    assert(message.fields.allSatisfy { fields[$0] != nil }, "an entry \(message) carries \(message.fields)")
    guard logLevel <= message.level else { return }
    var metadata = metadata
    metadata[LogMessage.metadataKey] = .string(message.id)
    for (field, value) in fields { metadata[field.rawValue] = value }
    log(
      level: message.level, "\(message.text)", metadata: metadata, source: nil, file: file, function: function,
      line: line)
  }
}
