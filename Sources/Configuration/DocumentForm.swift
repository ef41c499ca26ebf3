/// The form of a text in TOML, as far as the library takes it for granted: it ends the process where a name does not follow the
/// `[` of a table, an array holds a bracket of another kind, or a time of day has no digits.
///
/// Refuses nothing that TOML 1.0 has, but times of day, which no setting is, and keys of more than `maximumParts` parts.
struct DocumentForm {
  /// Far more than any setting has; the library goes into each of them by recursion.
  static let maximumParts = 16

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// - Throws: the first fault, with its line.
  static func check(_ text: String) throws(ConfigurationProblem) {
    var form = DocumentForm(Array(text.utf8))
    if form.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { form.position = 3 }
    while let byte = form.next {
      switch byte {
      case space, tab, carriageReturn, lineFeed: try form.skipPlain()
      case UInt8(ascii: "#"): form.skipComment()
      case UInt8(ascii: "["): try form.takeHeader()
      default: try form.takeStatement()
      }
    }
  }

  private static let space = UInt8(ascii: " ")
  private static let tab = UInt8(ascii: "\t")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let doubleQuote = UInt8(ascii: "\"")

  private var next: UInt8? { byte(at: position) }

  private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    if byte == Self.lineFeed { line += 1 }
    return true
  }

  private mutating func skipBlank() {
    while next == Self.space || next == Self.tab { position += 1 }
  }

  private mutating func skipComment() {
    while let byte = next, byte != Self.lineFeed { position += 1 }
  }

  /// One byte outside of texts and comments.
  private mutating func skipPlain() throws(ConfigurationProblem) {
    guard let byte = next else { return }
    let isLineEnd =
      byte == Self.lineFeed || byte == Self.carriageReturn && self.byte(at: position + 1) == Self.lineFeed
    guard isLineEnd || byte == Self.tab || byte == Self.space || byte == UInt8(ascii: "+") else {
      throw fault("a key, a value or a comment")
    }
    _ = take(byte)
  }

  /// `[a.b]` or `[[a.b]]`.
  private mutating func takeHeader() throws(ConfigurationProblem) {
    _ = take(UInt8(ascii: "["))
    let brackets = take(UInt8(ascii: "[")) ? 2 : 1
    var parts = 0
    repeat {
      skipBlank()
      try takeName()
      try checkParts(&parts)
      skipBlank()
    } while take(UInt8(ascii: "."))
    for _ in 0..<brackets where !take(UInt8(ascii: "]")) { throw fault("']' behind the name of a table") }
  }

  private mutating func takeName() throws(ConfigurationProblem) {
    if next == Self.doubleQuote || next == UInt8(ascii: "'") { return try takeText(mayHaveLines: false) }
    let start = position
    while let byte = next, Self.isBare(byte) { position += 1 }
    guard position > start else { throw fault("the name of a table: letters, digits, '-' and '_', or in quotes") }
  }

  /// A key and its value, to the end of the line on which the value ends.
  private mutating func takeStatement() throws(ConfigurationProblem) {
    var open: [UInt8] = []
    var parts = 0
    var isKey = true
    while let byte = next {
      switch byte {
      case Self.lineFeed:
        _ = take(byte)
        if open.isEmpty { return }
      case UInt8(ascii: "#"): skipComment()
      case Self.doubleQuote, UInt8(ascii: "'"):
        if !isKey { try checkBeginning() }
        try takeText(mayHaveLines: true)
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        if !isKey { try checkBeginning() }
        isKey = byte == UInt8(ascii: "{")
        // In ASCII the closing one is the next but one.
        open.append(byte + 2)
        position += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        guard open.popLast() == byte else { throw fault("a value") }
        isKey = false
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: "="):
        guard isKey || byte == UInt8(ascii: ",") else { throw fault("the end of a value") }
        parts = 0
        isKey = byte == UInt8(ascii: ",") && open.last == UInt8(ascii: "}")
        position += 1
      case UInt8(ascii: "."):
        position += 1
        try checkParts(&parts)
      case UInt8(ascii: ":"): throw fault(Self.noTime)
      case _ where Self.isBare(byte): try takeWord()
      default: try skipPlain()
      }
    }
    if let last = open.last { throw fault("'\(Character(Unicode.Scalar(last)))'") }
  }

  /// The library takes a text or a bracket directly behind a number for a part of it.
  private func checkBeginning() throws(ConfigurationProblem) {
    switch byte(at: position - 1) {
    case Self.space, Self.tab, Self.lineFeed, UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: "["): break
    default: throw fault("the end of a value")
    }
  }

  /// A digit behind a date and a space begins a time of day.
  private mutating func takeWord() throws(ConfigurationProblem) {
    let start = position
    while let byte = next, Self.isBare(byte) { position += 1 }
    let word = bytes[start..<position].filter { $0 != UInt8(ascii: "_") }
    guard word.count == 10, word[4] == UInt8(ascii: "-"), word[7] == UInt8(ascii: "-"), next == Self.space,
      let first = byte(at: position + 1), Self.isBare(first)
    else { return }
    throw fault(Self.noTime)
  }

  private static let noTime = "no time of day"

  private mutating func takeText(mayHaveLines: Bool) throws(ConfigurationProblem) {
    guard let quote = next else { return }
    position += 1
    let hasLines = next == quote && byte(at: position + 1) == quote
    if hasLines {
      guard mayHaveLines else { throw fault("a name on one line") }
      position += 2
    }
    while let byte = next, hasLines || byte != Self.lineFeed {
      _ = take(byte)
      if byte == UInt8(ascii: "\\"), quote == Self.doubleQuote {
        if let escaped = next, hasLines || escaped != Self.lineFeed { _ = take(escaped) }
      } else if byte == quote {
        guard hasLines else { return }
        guard next == quote, self.byte(at: position + 1) == quote else { continue }
        position += 2
        // Of up to five, the first two are the text's.
        for _ in 0..<2 { _ = take(quote) }
        return
      }
    }
    throw fault("the closing \(Character(Unicode.Scalar(quote))) of a text")
  }

  private func checkParts(_ parts: inout Int) throws(ConfigurationProblem) {
    parts += 1
    guard parts <= Self.maximumParts else { throw fault("a key of at most \(Self.maximumParts) parts") }
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isPrintable(_ byte: UInt8) -> Bool {
    (space...UInt8(ascii: "~")).contains(byte)
  }

  private func fault(_ expected: String) -> ConfigurationProblem {
    let came =
      switch next {
      case nil: "the end of the file"
      case .some(let byte) where byte == Self.lineFeed || byte == Self.carriageReturn: "the end of the line"
      case .some(let byte) where Self.isPrintable(byte): "'\(Character(Unicode.Scalar(byte)))'"
      case .some(let byte): "the byte 0x\(String(byte, radix: 16))"
      }
    return ConfigurationProblem(
      line: line, key: "", expected: "TOML 1.0", came: "a fault: expected \(expected); saw \(came)")
  }
}
