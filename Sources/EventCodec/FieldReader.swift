import CRingmaster
import EventModel

/// Walks the fields of a record's text: a copy in this process, whose contents may still be anything.
public struct FieldReader {
  private let text: UnsafeRawBufferPointer
  private var offset = 0
  private let isNew: Bool

  /// - Parameters:
  ///   - text: exactly the bytes that the head claims.
  ///   - isNew: it comes from a peer, and keeps to rules that what a journal keeps may be older than.
  public init(_ text: UnsafeRawBufferPointer, isNew: Bool = false) {
    self.text = text
    self.isNew = isNew
  }

  public struct Field {
    public let tag: UInt32
    public let bytes: UnsafeRawBufferPointer
    fileprivate let isNew: Bool

    /// The field as UTF-8 of at most `limit` bytes.
    public func text(_ name: String, limit: Int) throws(CodecError) -> String {
      guard bytes.count <= limit else {
        throw .malformed(field: name, expected: "at most \(limit) bytes", actual: "\(bytes.count)")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .malformed(field: name, expected: "UTF-8", actual: "other bytes")
      }
      return text
    }

    /// A text without control characters, as labels are.
    public func label(_ name: String, limit: Int) throws(CodecError) -> String {
      let text = try text(name, limit: limit)
      guard !NameRule.hasControlCharacter(bytes, countsDirections: isNew) else {
        throw .malformed(field: name, expected: NameRule.noControlCharacters, actual: "one")
      }
      return text
    }

    /// A label that must not be empty either, as names must not.
    public func name(_ name: String, limit: Int = Limits.nameBytes) throws(CodecError) -> String {
      let text = try label(name, limit: limit)
      guard !text.isEmpty else { throw .malformed(field: name, expected: "a name", actual: "nothing") }
      return text
    }

    /// The field as a fixed-size value.
    public func value<Value: BitwiseCopyable>(_ name: String, as type: Value.Type) throws(CodecError) -> Value {
      guard bytes.count == MemoryLayout<Value>.size else {
        throw .malformed(field: name, expected: "\(MemoryLayout<Value>.size) bytes", actual: "\(bytes.count)")
      }
      return bytes.loadUnaligned(as: type)
    }

    /// Some of its bytes.
    func part(_ range: Range<Int>) -> Field {
      Field(tag: tag, bytes: UnsafeRawBufferPointer(rebasing: bytes[range]), isNew: isNew)
    }

    /// A fixed-size value and the name behind it.
    func prefix<Value: BitwiseCopyable>(
      _ field: String, as type: Value.Type, name limit: Int
    ) throws(CodecError) -> (value: Value, name: String) {
      let size = MemoryLayout<Value>.size
      guard bytes.count > size else {
        throw .malformed(field: field, expected: "more than \(size) bytes", actual: "\(bytes.count)")
      }
      return (bytes.loadUnaligned(as: type), try part(size..<bytes.count).name(field, limit: limit))
    }

    /// What a worker has too little of.
    func shortage() throws(CodecError) -> Shortage {
      let limit = Resource.device("").name.utf8.count + Limits.deviceBytes
      let (numbers, name) = try prefix("missing", as: rm_shortage.self, name: limit)
      guard let resource = Resource(name: name) else {
        throw .malformed(field: "missing", expected: "cpu, memory_bytes or devices.NAME", actual: name)
      }
      return Shortage(resource: resource, needed: numbers.needed, free: numbers.free)
    }
  }

  /// The next field; nil at the end.
  public mutating func next() throws(CodecError) -> Field? {
    guard offset < text.count else { return nil }
    let header = MemoryLayout<rm_field>.size
    guard text.count - offset >= header else {
      throw .malformed(field: "text", expected: "whole fields", actual: "\(text.count - offset) stray bytes")
    }
    let field = text.loadUnaligned(fromByteOffset: offset, as: rm_field.self)
    let start = offset + header
    guard text.count - start >= Int(field.length) else {
      throw .malformed(
        field: "text", expected: "a field of \(field.length) bytes", actual: "\(text.count - start) left")
    }
    offset = start + Int(field.length)
    return Field(tag: UInt32(field.tag), bytes: UnsafeRawBufferPointer(rebasing: text[start..<offset]), isNew: isNew)
  }
}
