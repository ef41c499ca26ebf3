/// Reads what a `ByteSink` wrote, checking that nothing is read that is not there.
struct ByteSource {
  /// What is wrong, and where.
  struct Fault: Error {
    let offset: Int
    let expected: String
    let actual: String
  }

  let bytes: UnsafeRawBufferPointer
  var offset = 0
  private var texts: [String] = []

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { offset == bytes.count }

  func fault(_ expected: String, _ actual: String) -> Fault {
    Fault(offset: offset, expected: expected, actual: actual)
  }

  @inline(__always)
  mutating func number() throws(Fault) -> UInt64 {
    if offset < bytes.count, bytes[offset] < 0x80 {
      offset += 1
      return UInt64(bytes[offset - 1])
    }
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count, shift < 64 {
      let byte = bytes[offset]
      offset += 1
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    throw fault("a whole number", "the end of the payload, or too many bytes")
  }

  mutating func unsigned<Number: FixedWidthInteger & UnsignedInteger>(
    _ type: Number.Type = Number.self
  ) throws(Fault) -> Number {
    let wide = try number()
    guard let value = Number(exactly: wide) else { throw fault("at most \(Number.max)", "\(wide)") }
    return value
  }

  mutating func signed<Number: FixedWidthInteger & SignedInteger>(
    _ type: Number.Type = Number.self
  ) throws(Fault) -> Number {
    let coded = try number()
    let wide = Int64(bitPattern: coded >> 1) ^ -Int64(bitPattern: coded & 1)
    guard let value = Number(exactly: wide) else { throw fault("\(Number.min) to \(Number.max)", "\(wide)") }
    return value
  }

  mutating func flag() throws(Fault) -> Bool {
    let wide = try number()
    guard wide <= 1 else { throw fault("0 or 1", "\(wide)") }
    return wide == 1
  }

  /// How many things follow, each of at least one byte: so a number that is too large is refused before it is believed.
  mutating func count() throws(Fault) -> Int {
    let wide = try number()
    guard wide <= UInt64(bytes.count - offset) else {
      throw fault("at most \(bytes.count - offset) entries", "\(wide)")
    }
    return Int(wide)
  }

  mutating func raw(_ count: Int) throws(Fault) -> UnsafeRawBufferPointer {
    guard count <= bytes.count - offset else { throw fault("\(count) bytes", "\(bytes.count - offset)") }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
  }

  mutating func text() throws(Fault) -> String {
    let known = try number()
    if known > 0 {
      guard known <= UInt64(texts.count) else { throw fault("one of \(texts.count) texts", "number \(known)") }
      return texts[Int(known) - 1]
    }
    let text = try plainText()
    texts.append(text)
    return text
  }

  /// One that is not numbered.
  mutating func plainText() throws(Fault) -> String {
    let raw = try raw(try count())
    // Decoding repairs what is no UTF-8, and is several times faster than validating: so what was repaired is looked for.
    var text = String(decoding: raw, as: UTF8.self)
    let isRepaired = text.withUTF8 { !$0.elementsEqual(raw) }
    if isRepaired { throw fault("UTF-8", "other bytes") }
    return text
  }

  mutating func optionalPlainText() throws(Fault) -> String? {
    try flag() ? try plainText() : nil
  }

  /// - Returns: where something ends that is preceded by its length.
  mutating func frame() throws(Fault) -> Int { try count() + offset }

  /// Passes over what a later version has put at a frame's end.
  mutating func leave(frame end: Int) throws(Fault) {
    guard offset <= end else { throw fault("the end of a frame at \(end)", "\(offset)") }
    offset = end
  }

  mutating func optionalText() throws(Fault) -> String? {
    try flag() ? try text() : nil
  }

  mutating func optionalSigned<Number: FixedWidthInteger & SignedInteger>(
    _ type: Number.Type = Number.self
  ) throws(Fault) -> Number? {
    try flag() ? try signed() : nil
  }

  /// As many elements as the count before them says.
  mutating func array<Element>(
    _ read: (inout ByteSource) throws(Fault) -> Element
  ) throws(Fault) -> [Element] {
    let count = try count()
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try read(&self)) }
    return elements
  }
}
