import EventModel

/// Parses one JSON text as RFC 8259 defines it, and refuses more than that asks: a repeated member, bytes that are not
/// UTF-8, a lone surrogate, and anything beyond `JSONLimits`.
struct JSONParser {
  let bytes: [UInt8]
  let maxMembers: Int
  var position = 0

  static func parse(_ bytes: [UInt8], maxMembers: Int) throws(EventJSONError) -> JSONValue {
    var parser = JSONParser(bytes: bytes, maxMembers: maxMembers)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.unexpected("the end of the text") }
    return value
  }

  private mutating func value(depth: Int) throws(EventJSONError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
    default: throw unexpected("a JSON value")
    }
  }

  private mutating func object(depth: Int) throws(EventJSONError) -> JSONValue {
    try checkDepth(depth)
    var members: [JSONValue.Member] = []
    var names: Set<ByteText> = []
    position += 1
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected("a member's name in quotes") }
      let name = try string()
      guard members.count < maxMembers else { throw unexpected("at most \(maxMembers) members") }
      // By bytes, as names are everywhere.
      guard Self.isNew(name, among: members, &names) else {
        throw EventJSONError(.unknownField, field: name, expected: "each name once", came: "the name again")
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
      members.append(JSONValue.Member(name, try value(depth: depth)))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
    return .object(members)
  }

  /// Few are looked through; of many there is a set.
  private static func isNew(_ name: String, among members: [JSONValue.Member], _ names: inout Set<ByteText>) -> Bool {
    if members.count < 16 { return !members.contains { $0.name.isSame(as: name) } }
    if names.isEmpty { names = Set(members.map { ByteText($0.name) }) }
    return names.insert(ByteText(name)).inserted
  }

  private mutating func array(depth: Int) throws(EventJSONError) -> JSONValue {
    try checkDepth(depth)
    var elements: [JSONValue] = []
    position += 1
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw unexpected("',' or ']'") }
    return .array(elements)
  }

  private mutating func number() throws(EventJSONError) -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    guard position - start <= JSONLimits.numberBytes else {
      position = start
      throw unexpected("a number of at most \(JSONLimits.numberBytes) characters")
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() throws(EventJSONError) {
    let start = position
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    guard position > start else { throw unexpected("a digit") }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(EventJSONError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw unexpected("a JSON value") }
    position += word.utf8.count
    return value
  }

  private func checkDepth(_ depth: Int) throws(EventJSONError) {
    guard depth <= JSONLimits.depth else { throw unexpected("at most \(JSONLimits.depth) levels of nesting") }
  }
}

extension JSONParser {
  var next: UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  func unexpected(_ expected: String) -> EventJSONError {
    let came =
      switch next {
      case nil: "the end of the text"
      case .some(let byte) where byte > 0x20 && byte < 0x7F: "'\(Character(Unicode.Scalar(byte)))'"
      case .some(let byte): "byte \(byte)"
      }
    return EventJSONError(.syntax, field: "byte \(position)", expected: expected, came: came)
  }
}
