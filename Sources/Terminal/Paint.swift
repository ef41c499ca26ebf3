/// The few looks that output may have.
public enum Style: Sendable, CaseIterable {
  case bold, dim, red, green, yellow, cyan

  var code: Int {
    switch self {
    case .bold: 1
    case .dim: 2
    case .red: 31
    case .green: 32
    case .yellow: 33
    case .cyan: 36
    }
  }
}

/// Puts styles around text where they can be shown, and leaves it alone where not.
public struct Paint: Hashable, Sendable {
  public let isEnabled: Bool

  public init(isEnabled: Bool) {
    self.isEnabled = isEnabled
  }

  public init(_ capabilities: TerminalCapabilities) {
    self.init(isEnabled: capabilities.showsStyles)
  }

  public func callAsFunction(_ text: String, _ styles: Style...) -> String {
    self(text, styles)
  }

  public func callAsFunction(_ text: String, _ styles: [Style]) -> String {
    guard isEnabled, !styles.isEmpty, !text.isEmpty else { return text }
    let codes = styles.map { String($0.code) }.joined(separator: ";")
    return "\u{1B}[\(codes)m\(text)\(Paint.reset)"
  }

  static let reset = "\u{1B}[0m"
}
