extension String {
  /// Columns that the text takes on a terminal. Style sequences take none, wide characters take two.
  public var displayWidth: Int {
    var width = 0
    var scanner = DisplayScanner(self)
    while let piece = scanner.next() { width += piece.width }
    return width
  }

  /// The text cut to at most `columns`; a cut is shown by an ellipsis in the last of them. Styles stay closed.
  public func clipped(toColumns columns: Int) -> String {
    guard displayWidth > columns else { return self }
    guard columns > 0 else { return "" }
    var clipped = ""
    var width = 0
    var hasStyles = false
    var scanner = DisplayScanner(self)
    while let piece = scanner.next(), width + piece.width <= columns - 1 {
      clipped += piece.text
      width += piece.width
      hasStyles = hasStyles || piece.isSequence
    }
    return clipped + "…" + (hasStyles ? Paint.reset : "")
  }

  /// The text without anything a terminal would obey: names and errors come from outside.
  public var withoutControls: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    var scalars = String.UnicodeScalarView()
    for scalar in unicodeScalars { scalars.append(scalar.isControl ? "\u{FFFD}" : scalar) }
    return String(scalars)
  }
}

extension Unicode.Scalar {
  /// Moves the cursor, changes what the terminal does, or turns the direction of the text round.
  fileprivate var isControl: Bool {
    switch value {
    case 0x00..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// Two columns wide on a terminal: East Asian wide and full-width forms, and emoji shown as pictures.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      true
    default: properties.isEmojiPresentation
    }
  }
}

/// Walks over text in pieces that are shown as one: a character, or a style sequence.
private struct DisplayScanner {
  struct Piece {
    let text: String
    let width: Int
    let isSequence: Bool
  }

  private var rest: Substring

  init(_ text: String) {
    rest = text[...]
  }

  mutating func next() -> Piece? {
    guard let first = rest.first else { return nil }
    if first == "\u{1B}", let end = rest.firstIndex(of: "m") {
      let sequence = String(rest[...end])
      rest = rest[rest.index(after: end)...]
      return Piece(text: sequence, width: 0, isSequence: true)
    }
    rest.removeFirst()
    return Piece(text: String(first), width: Self.width(of: first), isSequence: false)
  }

  private static func width(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    guard let base = scalars.first, !base.isControl else { return 0 }
    switch base.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default:
      // U+FE0F asks for the picture of what is otherwise shown as text.
      return base.isWide || scalars.contains("\u{FE0F}") ? 2 : 1
    }
  }
}
