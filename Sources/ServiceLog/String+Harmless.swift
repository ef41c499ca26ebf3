/// Text from outside, for people and for tools that read lines.
extension String {
  /// Control and formatting characters and breaks of lines as `\u{1B}`: none can end a line or drive a terminal.
  public var withControlsWrittenOut: String {
    guard unicodeScalars.contains(where: \.drives) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.drives {
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// As many whole characters as fit, and `…` for the rest.
  func cut(toBytes maximum: Int) -> String {
    guard utf8.count > maximum else { return self }
    let ellipsis: Character = "…"
    var kept = 0
    let scalars = unicodeScalars.prefix { scalar in
      kept += scalar.utf8.count
      return kept <= maximum - ellipsis.utf8.count
    }
    return String(scalars) + String(ellipsis)
  }
}

extension Unicode.Scalar {
  fileprivate var drives: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
