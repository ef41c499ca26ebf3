import EventModel

/// A JSON value that keeps what the text said: the order of an object's members, and each number as written.
public enum JSONValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// The number as written, so that no digit is lost and `1.5` is not mistaken for an integer.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  public struct Member: Hashable, Sendable {
    public let name: String
    public let value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  public static func integer(_ value: some BinaryInteger) -> JSONValue {
    .number(String(value))
  }

  /// Thousandths of a cpu as cpus: 1500 is `1.5`, 2000 is `2`.
  public static func cpus(milliCPU: Int64) -> JSONValue {
    let magnitude = milliCPU.magnitude
    var text = (milliCPU < 0 ? "-" : "") + String(magnitude / 1000)
    let thousandths = magnitude % 1000
    if thousandths != 0 {
      var digits = String(1000 + thousandths).dropFirst()
      while digits.last == "0" { digits.removeLast() }
      text += "." + digits
    }
    return .number(text)
  }

  /// The value of an object's member; nil for any other value, or when it has no such member.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// An object with another value of a member.
  public func replacing(_ name: String, with value: JSONValue) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.map { $0.name == name ? Member(name, value) : $0 })
  }

  /// What this is, for an error: its type and, shortened, its text.
  var summary: String {
    switch self {
    case .null: return "null"
    case .boolean(let value): return String(value)
    case .number(let text): return "the number \(text)"
    case .string: return "the string \(shortenedText)"
    case .array(let elements): return "an array of \(elements.count)"
    case .object(let members): return "an object of \(members.count)"
    }
  }

  private var shortenedText: String {
    let text = self.text
    guard text.count > JSONLimits.quotedCharacters else { return text }
    return text.prefix(JSONLimits.quotedCharacters) + "…"
  }
}

/// Takes the members of an object one by one, those whose value is not nil.
protocol JSONMembers {
  mutating func append(_ name: String, _ value: JSONValue?)
  mutating func append(_ name: String, _ text: String?)
  mutating func append<Entity>(_ name: String, _ reference: Reference<Entity>?)
}

extension [JSONValue.Member]: JSONMembers {
  mutating func append(_ name: String, _ value: JSONValue?) {
    if let value { append(JSONValue.Member(name, value)) }
  }

  mutating func append(_ name: String, _ text: String?) {
    append(name, text.map(JSONValue.string))
  }

  mutating func append<Entity>(_ name: String, _ reference: Reference<Entity>?) {
    append(name, reference?.jsonText)
  }
}
