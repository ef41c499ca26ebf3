extension JSONParser {
  /// Reads a string from its opening to its closing quote.
  mutating func string() throws(EventJSONError) -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if next == UInt8(ascii: "\"") {
      let text = String(validating: bytes[start..<position], as: UTF8.self)
      return try closed(text, start: start)
    }
    return try stringWithEscapes(start: start)
  }

  private mutating func stringWithEscapes(start: Int) throws(EventJSONError) -> String {
    var unescaped = Array(bytes[start..<position])
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw unexpected("a control character written as an escape") }
      position += 1
      if byte == UInt8(ascii: "\\") {
        try escape(into: &unescaped)
      } else {
        unescaped.append(byte)
      }
    }
    guard next != nil else { throw unexpected("a closing quote") }
    return try closed(String(validating: unescaped, as: UTF8.self), start: start)
  }

  private mutating func closed(_ text: String?, start: Int) throws(EventJSONError) -> String {
    guard let text else {
      throw EventJSONError(.syntax, field: "byte \(start)", expected: "a string in UTF-8", came: "other bytes")
    }
    position += 1
    return text
  }

  private mutating func escape(into unescaped: inout [UInt8]) throws(EventJSONError) {
    guard let byte = next else { throw unexpected("an escape") }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"):
      position += 1
      unescaped += String(Character(try unicodeEscape())).utf8
      return
    default: throw unexpected("one of the escapes of JSON")
    }
    position += 1
  }

  /// Reads the digits after `\u`, and the other half of a surrogate pair.
  private mutating func unicodeEscape() throws(EventJSONError) -> Unicode.Scalar {
    let start = position
    let high = try fourHexDigits()
    if let scalar = Unicode.Scalar(high) { return scalar }
    if high < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let low = try fourHexDigits()
      if low >= 0xDC00 && low <= 0xDFFF,
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      {
        return scalar
      }
    }
    position = start
    throw unexpected("a pair of surrogates")
  }

  private mutating func fourHexDigits() throws(EventJSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Self.hexValue(byte) else { throw unexpected("a hexadecimal digit") }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

extension JSONValue {
  /// Parses one JSON text in UTF-8.
  ///
  /// - Parameter maxMembers: of one object.
  public init(parsing bytes: [UInt8], maxMembers: Int = JSONLimits.members) throws(EventJSONError) {
    self = try JSONParser.parse(bytes, maxMembers: maxMembers)
  }

  public init(parsing text: String) throws(EventJSONError) {
    self = try JSONParser.parse(Array(text.utf8), maxMembers: JSONLimits.members)
  }
}
