import CRingmaster
import EventModel

/// The fields of a row's text, by their tags.
struct RowFields {
  private var fields: [FieldReader.Field] = []

  init(_ text: UnsafeRawBufferPointer) throws(CodecError) {
    var reader = FieldReader(text)
    while let field = try reader.next() { fields.append(field) }
  }

  private func field(_ tag: UInt32) -> FieldReader.Field? { fields.last { $0.tag == tag } }

  func text(_ tag: UInt32, _ name: String, limit: Int = Limits.nameBytes) throws(CodecError) -> String? {
    try field(tag)?.text(name, limit: limit)
  }

  func devices(_ tag: UInt32) throws(CodecError) -> DeviceCounts {
    var devices = DeviceCounts()
    for field in fields where field.tag == tag {
      let (device, name) = try field.prefix("devices", as: rm_device.self, name: Limits.deviceBytes)
      devices[name] = device.count
    }
    return devices
  }

  func constraints() throws(CodecError) -> Constraints {
    var constraints = ConstraintFields()
    for field in fields where field.tag == RM_TAG_CONSTRAINT { try constraints.take(field) }
    return constraints.all
  }

  func specification() throws(CodecError) -> Specification {
    guard let field = field(RM_TAG_SPECIFICATION) else { return Specification() }
    return try field.specification()
  }

  func shortage() throws(CodecError) -> Shortage {
    guard let field = field(RM_TAG_MISSING) else {
      throw .malformed(field: "missing", expected: "a resource", actual: "none")
    }
    return try field.shortage()
  }

  func bytes(_ tag: UInt32) -> [UInt8] { field(tag).map { Array($0.bytes) } ?? [] }

  func numbers<Numbers: BitwiseCopyable>(as type: Numbers.Type) throws(CodecError) -> Numbers {
    guard let numbers = field(RM_TAG_ROW_NUMBERS) else {
      throw .malformed(field: "row", expected: "its numbers", actual: "none")
    }
    return try numbers.value("row", as: type)
  }

  /// The body of a nested event; nil when there is none.
  func event() throws(CodecError) -> Event.Body? {
    guard let field = field(RM_TAG_EVENT) else { return nil }
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

/// nil for RM_NO_STATE.
func knownState(_ field: String, _ raw: UInt8) throws(CodecError) -> TaskState? {
  UInt32(raw) == RM_NO_STATE ? nil : try known(field, raw)
}
