/// The words and braces of a source text, without those in comments and strings; those in a string's interpolations count.
struct CodeWords {
  struct Word {
    let text: String
    let line: Int
    /// Nothing but spaces are between it and the word before.
    let followsSpace: Bool
    /// The byte before and behind it; 0 at an end of the text.
    let before: UInt8
    let after: UInt8
    fileprivate let isFirst: Bool
    fileprivate let isIndented: Bool
    fileprivate let lineHasParenthesis: Bool
    fileprivate let lineChooses: Bool

    /// `label:` of an argument or a parameter, and no pattern of a `case` or part of a choice with `?`.
    var isLabel: Bool {
      after == UInt8(ascii: ":") && before != UInt8(ascii: ".") && !lineChooses
    }

    /// At the beginning of a line, behind its type and in front of its parameters.
    var isFunctionOfC: Bool {
      after == UInt8(ascii: "(") && text != "__attribute__" && !isFirst && !isIndented && !lineHasParenthesis
    }
  }

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private var followsSpace = false
  private var isFirst = true
  private var isIndented = false
  private var lineHasParenthesis = false
  private var lineChooses = false
  /// Of each interpolation that the next word is in: the string's end, and the parentheses that are open.
  private var interpolations: [(end: StringEnd, depth: Int)] = []

  private struct StringEnd {
    let hashes: Int
    let quotes: Int
  }

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  private func byte(_ offset: Int) -> UInt8 {
    bytes.indices.contains(index + offset) ? bytes[index + offset] : 0
  }

  mutating func next() -> Word? {
    while index < bytes.count {
      if Self.isWordByte(byte(0)) {
        let start = index
        while Self.isWordByte(byte(0)) { index += 1 }
        guard !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[start]) else {
          followsSpace = false
          continue
        }
        return word(from: start)
      }
      if byte(0) == UInt8(ascii: "{") || byte(0) == UInt8(ascii: "}") {
        index += 1
        return word(from: index - 1)
      }
      skip()
    }
    return nil
  }

  private mutating func word(from start: Int) -> Word {
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    let word = Word(
      text: text, line: line, followsSpace: followsSpace, before: start > 0 ? bytes[start - 1] : 0, after: byte(0),
      isFirst: isFirst, isIndented: isIndented,
      lineHasParenthesis: lineHasParenthesis, lineChooses: lineChooses)
    (isFirst, followsSpace) = (false, true)
    if text == "case" { lineChooses = true }
    return word
  }

  /// Passes over what is no word: a byte, a comment, or a string up to its end or its next interpolation.
  private mutating func skip() {
    let first = byte(0)
    let isSpace = first == UInt8(ascii: " ")
    if !isSpace { followsSpace = false }
    switch first {
    case UInt8(ascii: "\n"):
      line += 1
      (isFirst, lineHasParenthesis, lineChooses) = (true, false, false)
      isIndented = byte(1) == UInt8(ascii: " ")
    case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
      while index < bytes.count, byte(0) != UInt8(ascii: "\n") { index += 1 }
      return
    case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
      index += 2
      while index < bytes.count, byte(0) != UInt8(ascii: "*") || byte(1) != UInt8(ascii: "/") {
        if byte(0) == UInt8(ascii: "\n") { line += 1 }
        index += 1
      }
      index += 1
    case UInt8(ascii: "'"):
      // A character of C.
      if byte(2) == first { index += 2 } else if byte(1) == UInt8(ascii: "\\"), byte(3) == first { index += 3 }
    case UInt8(ascii: "#") where byte(1) == UInt8(ascii: "/"):
      index += 2
      while index < bytes.count, byte(0) != UInt8(ascii: "/") || byte(1) != UInt8(ascii: "#") { index += 1 }
      index += 1
    case UInt8(ascii: "\""), UInt8(ascii: "#"):
      if openString() { return }
    case UInt8(ascii: "("):
      lineHasParenthesis = true
      if !interpolations.isEmpty { interpolations[interpolations.count - 1].depth += 1 }
    case UInt8(ascii: ")"):
      if let (end, open) = interpolations.last {
        interpolations[interpolations.count - 1].depth = open - 1
        if open == 1 {
          index += 1
          interpolations.removeLast()
          return skipString(to: end)
        }
      }
    case UInt8(ascii: "?"): lineChooses = true
    default: break
    }
    index += 1
  }

  private mutating func openString() -> Bool {
    var hashes = 0
    while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
    guard byte(hashes) == UInt8(ascii: "\"") else { return false }
    let isLong = byte(hashes + 1) == UInt8(ascii: "\"") && byte(hashes + 2) == UInt8(ascii: "\"")
    let end = StringEnd(hashes: hashes, quotes: isLong ? 3 : 1)
    index += hashes + end.quotes
    skipString(to: end)
    return true
  }

  private mutating func skipString(to end: StringEnd) {
    while index < bytes.count {
      if isRun(of: UInt8(ascii: "\""), end.quotes, at: 0), isRun(of: UInt8(ascii: "#"), end.hashes, at: end.quotes) {
        index += end.quotes + end.hashes
        return
      }
      if byte(0) == UInt8(ascii: "\\"), isRun(of: UInt8(ascii: "#"), end.hashes, at: 1) {
        index += end.hashes + 2
        if bytes[min(index, bytes.count) - 1] == UInt8(ascii: "(") {
          interpolations.append((end, 1))
          return
        }
        if bytes[min(index, bytes.count) - 1] == UInt8(ascii: "\n") { line += 1 }
        continue
      }
      if byte(0) == UInt8(ascii: "\n") { line += 1 }
      index += 1
    }
  }

  private func isRun(of wanted: UInt8, _ count: Int, at offset: Int) -> Bool {
    (0..<count).allSatisfy { byte(offset + $0) == wanted }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
      true
    default: false
    }
  }
}
