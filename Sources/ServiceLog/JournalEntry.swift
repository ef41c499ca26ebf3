import LogMessages
import Logging

/// A log entry as the fields of the systemd journal.
///
/// Metadata `key` becomes the field RINGMASTER_KEY: in capitals, with `_` for everything but A to Z and 0 to 9, cut after 64
/// characters; each element of an array a field of that name, each member of a dictionary RINGMASTER_KEY_MEMBER. MESSAGE
/// tells all of it to who reads nothing else. Names and reasons come from outside, so control characters are written out.
public struct JournalEntry: Sendable {
  /// One assignment.
  public struct Field: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public private(set) var fields: [Field] = []

  public static let prefix = "RINGMASTER_"
  public static let maximumNameBytes = 64
  public static let maximumValueBytes = 2048
  public static let maximumMessageBytes = 8192
  /// Made of metadata; what is more is left out.
  public static let maximumMetadataFields = 64

  public init(_ event: LogEvent, identifier: String) {
    var metadata = event.metadata ?? [:]
    let id = metadata.removeValue(forKey: LogMessage.metadataKey)
    if let error = event.error, metadata[LogField.cause.rawValue] == nil {
      metadata[LogField.cause.rawValue] = "\(error)"
    }
    var pairs: [(key: String, value: String)] = []
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { Self.flatten(key, value, into: &pairs) }
    pairs.removeLast(max(0, pairs.count - Self.maximumMetadataFields))

    add("MESSAGE", Self.message("\(event.message)", pairs), maximumBytes: Self.maximumMessageBytes)
    add("PRIORITY", "\(event.level.syslogPriority)")
    add("SYSLOG_IDENTIFIER", identifier)
    if let id { add("MESSAGE_ID", "\(id)") }
    add("CODE_FILE", event.file)
    add("CODE_LINE", "\(event.line)")
    add("CODE_FUNC", event.function)
    for (key, value) in pairs {
      guard let name = Self.fieldName(key) else { continue }
      add(name, value)
    }
  }

  private mutating func add(_ name: String, _ value: String, maximumBytes: Int = maximumValueBytes) {
    fields.append(Field(name, value.withControlsWrittenOut.cut(toBytes: maximumBytes)))
  }

  /// The field that a metadata key becomes; nil when nothing is left of it.
  public static func fieldName(_ key: String) -> String? {
    guard !key.isEmpty else { return nil }
    let characters = key.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "A"..."Z", "0"..."9": Character(scalar)
      case "a"..."z": Character(scalar.properties.uppercaseMapping)
      default: "_"
      }
    }
    return prefix + String(characters.prefix(maximumNameBytes - prefix.utf8.count))
  }

  private static func flatten(
    _ key: String, _ value: Logger.MetadataValue, into pairs: inout [(key: String, value: String)]
  ) {
    switch value {
    case .string(let text): pairs.append((key, text))
    case .stringConvertible(let it): pairs.append((key, it.description))
    case .array(let elements): for element in elements { flatten(key, element, into: &pairs) }
    case .dictionary(let members):
      for (member, value) in members.sorted(by: { $0.key < $1.key }) {
        flatten("\(key)_\(member)", value, into: &pairs)
      }
    }
  }

  /// `attach refused: uid 7 may not attach (pid=12, uid=7)`
  private static func message(_ text: String, _ pairs: [(key: String, value: String)]) -> String {
    let causes = pairs.filter { $0.key == LogField.cause.rawValue && !$0.value.isEmpty }.map(\.value)
    let rest = pairs.filter { $0.key != LogField.cause.rawValue }.map { "\($0.key)=\($0.value)" }
    return ([text] + causes).joined(separator: ": ") + (rest.isEmpty ? "" : " (\(rest.joined(separator: ", ")))")
  }
}

extension Logger.Level {
  /// As syslog(3) numbers them.
  fileprivate var syslogPriority: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
