import CRingmaster
import EventModel

/// The fields of a record's text, by their tags: those of a request, a row or another record of a result ring. Unknown ones
/// are skipped, and of fields with one tag the last counts.
struct RecordFields {
  private let text: UnsafeRawBufferPointer

  /// - Parameters:
  ///   - text: the payloads behind the head.
  ///   - bytes: used of them, as the head says.
  init(_ text: UnsafeRawBufferPointer, bytes: UInt16) throws(CodecError) {
    guard Int(bytes) <= text.count else {
      throw .malformed(field: "text_bytes", expected: "at most \(text.count)", actual: "\(bytes)")
    }
    self.text = UnsafeRawBufferPointer(rebasing: text[..<Int(bytes)])
    var reader = FieldReader(self.text)
    while try reader.next() != nil {}
  }

  private func fields(_ tag: UInt32) throws(CodecError) -> [FieldReader.Field] {
    var reader = FieldReader(text)
    var fields: [FieldReader.Field] = []
    while let field = try reader.next() {
      if field.tag == tag { fields.append(field) }
    }
    return fields
  }

  func field(_ tag: UInt32) throws(CodecError) -> FieldReader.Field? {
    var reader = FieldReader(text)
    var last: FieldReader.Field?
    while let field = try reader.next() {
      if field.tag == tag { last = field }
    }
    return last
  }

  func text(_ tag: UInt32, _ name: String, limit: Int = Limits.nameBytes) throws(CodecError) -> String? {
    try field(tag)?.text(name, limit: limit)
  }

  func texts(_ tag: UInt32, _ name: String) throws(CodecError) -> [String] {
    var texts: [String] = []
    for field in try fields(tag) { texts.append(try field.text(name, limit: Limits.nameBytes)) }
    return texts
  }

  func required(_ tag: UInt32, _ name: String, limit: Int) throws(CodecError) -> String {
    guard let text = try text(tag, name, limit: limit) else {
      throw .malformed(field: name, expected: "a text", actual: "none")
    }
    return text
  }

  func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ tag: UInt32, _ name: String
  ) throws(CodecError) -> Number? {
    try field(tag)?.value(name, as: Number.self)
  }

  func devices(_ tag: UInt32) throws(CodecError) -> DeviceCounts {
    var devices = DeviceCounts()
    for field in try fields(tag) {
      let (device, name) = try field.prefix("devices", as: rm_device.self, name: Limits.deviceBytes)
      devices[name] = device.count
    }
    return devices
  }

  func attributes() throws(CodecError) -> [WorkerMetadata.Attribute] {
    var attributes = AttributeFields()
    var reader = FieldReader(text)
    while let field = try reader.next() {
      if field.tag == RM_TAG_ATTRIBUTE_KEY { try attributes.take(key: field) }
      if field.tag == RM_TAG_ATTRIBUTE_VALUE { try attributes.take(value: field) }
    }
    try attributes.finish()
    return attributes.all
  }

  func constraints() throws(CodecError) -> Constraints {
    var constraints = ConstraintFields()
    for field in try fields(RM_TAG_CONSTRAINT) { try constraints.take(field) }
    return constraints.all
  }

  func specification() throws(CodecError) -> Specification {
    guard let field = try field(RM_TAG_SPECIFICATION) else { return Specification() }
    return try field.specification()
  }

  func shortage() throws(CodecError) -> Shortage {
    guard let field = try field(RM_TAG_MISSING) else {
      throw .malformed(field: "missing", expected: "a resource", actual: "none")
    }
    return try field.shortage()
  }

  func bytes(_ tag: UInt32) throws(CodecError) -> [UInt8] { try field(tag).map { Array($0.bytes) } ?? [] }

  func numbers<Numbers: BitwiseCopyable>(as type: Numbers.Type) throws(CodecError) -> Numbers {
    guard let numbers = try field(RM_TAG_ROW_NUMBERS) else {
      throw .malformed(field: "row", expected: "its numbers", actual: "none")
    }
    return try numbers.value("row", as: type)
  }

  /// The body of a nested event; nil when there is none.
  func event() throws(CodecError) -> Event.Body? {
    guard let field = try field(RM_TAG_EVENT) else { return nil }
    return try NestedEvent.decode(field.bytes)
  }
}

/// The meaning of a code.
func known<Value: RawRepresentable<UInt8>>(_ field: String, _ raw: UInt8) throws(CodecError) -> Value {
  guard let value = Value(rawValue: raw) else {
    throw .malformed(field: field, expected: "a known one", actual: "\(raw)")
  }
  return value
}
