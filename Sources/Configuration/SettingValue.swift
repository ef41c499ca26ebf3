/// What a setting holds.
public enum SettingValue: Sendable, Hashable {
  case integer(Int64)
  case text(String)
  case texts([String])
  case observers([ObserverChoice])

  /// As it stands in a file.
  public var toml: String {
    switch self {
    case .integer(let number): String(number)
    case .text(let text): Self.quoted(text)
    case .texts(let texts): "[" + texts.map(Self.quoted).joined(separator: ", ") + "]"
    case .observers(let observers): "[" + observers.map(Self.toml).joined(separator: ", ") + "]"
    }
  }

  private static func toml(_ observer: ObserverChoice) -> String {
    guard let priority = observer.priority else { return quoted(observer.name) }
    return "{ name = \(quoted(observer.name)), priority = \(priority) }"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
