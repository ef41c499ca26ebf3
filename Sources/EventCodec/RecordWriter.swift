import CRingmaster
import EventModel

/// Builds one record at a time in a buffer of its own: a head and the fields of its text. Allocates once.
public struct RecordWriter: ~Copyable {
  private let buffer: UnsafeMutableRawBufferPointer
  private var textBytes = 0
  private var overflowed = false

  private static let headSize = Int(RM_SLOT_PAYLOAD)
  private static let slotsOffset = 2
  private static let textBytesOffset = 4

  public init() {
    buffer = .allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
  }

  deinit {
    buffer.deallocate()
  }

  /// Starts a record anew. The head's `slots` and `text_bytes` are filled in by `finish`.
  public mutating func begin<Head: BitwiseCopyable>(_ head: Head) {
    precondition(MemoryLayout<Head>.size == Self.headSize, "a head is 56 bytes")
    buffer.storeBytes(of: head, as: Head.self)
    textBytes = 0
    overflowed = false
  }

  /// Appends a field of text.
  public mutating func append(_ tag: UInt32, _ text: String) {
    var text = text
    text.withUTF8 { append(tag, UnsafeRawBufferPointer($0)) }
  }

  /// Appends a field when there is a text.
  public mutating func append(_ tag: UInt32, _ text: String?) {
    if let text { append(tag, text) }
  }

  /// Appends a field of fixed-size numbers.
  public mutating func append<Value: BitwiseCopyable>(_ tag: UInt32, value: Value) {
    withUnsafeBytes(of: value) { append(tag, $0) }
  }

  /// Appends a field for each kind of device.
  mutating func append(_ devices: DeviceCounts, _ tag: UInt32 = RM_TAG_DEVICE) {
    for device in devices.all { append(tag, value: rm_device(count: device.count), name: device.name) }
  }

  /// Appends what a worker has too little of.
  mutating func append(_ shortage: Shortage?) {
    guard let shortage else { return }
    let numbers = rm_shortage(needed: shortage.needed, free: shortage.free)
    append(RM_TAG_MISSING, value: numbers, name: shortage.resource.name)
  }

  /// Appends a field of fixed-size numbers and a name behind them.
  private mutating func append<Value: BitwiseCopyable>(_ tag: UInt32, value: Value, name: String) {
    let bytes = withUnsafeBytes(of: value) { Array($0) } + name.utf8
    bytes.withUnsafeBytes { append(tag, $0) }
  }

  /// Appends a field of bytes.
  public mutating func append(_ tag: UInt32, _ bytes: UnsafeRawBufferPointer) {
    let start = Self.headSize + textBytes
    let field = MemoryLayout<rm_field>.size
    guard bytes.count <= Int(UInt16.max), start + field + bytes.count <= buffer.count else {
      overflowed = true
      return
    }
    let header = rm_field(tag: UInt16(tag), length: UInt16(bytes.count))
    buffer.storeBytes(of: header, toByteOffset: start, as: rm_field.self)
    UnsafeMutableRawBufferPointer(rebasing: buffer[(start + field)...]).copyMemory(from: bytes)
    textBytes += field + bytes.count
  }

  /// Ends the record.
  ///
  /// - Returns: whole payloads, valid until the next `begin`.
  /// - Throws: `CodecError.tooLong` when the fields did not fit.
  public mutating func finish() throws(CodecError) -> UnsafeRawBufferPointer {
    guard !overflowed else { throw .tooLong(maximumBytes: buffer.count - Self.headSize) }
    let payload = Int(RM_SLOT_PAYLOAD)
    let slots = 1 + (textBytes + payload - 1) / payload
    buffer.storeBytes(of: UInt16(slots), toByteOffset: Self.slotsOffset, as: UInt16.self)
    buffer.storeBytes(of: UInt16(textBytes), toByteOffset: Self.textBytesOffset, as: UInt16.self)
    let used = Self.headSize + textBytes
    let whole = slots * payload
    if whole > used {
      UnsafeMutableRawBufferPointer(rebasing: buffer[used..<whole]).initializeMemory(as: UInt8.self, repeating: 0)
    }
    return UnsafeRawBufferPointer(rebasing: buffer[..<whole])
  }
}

/// Why a record cannot be written or understood: the field, what was expected and what came.
public enum CodecError: Error, Hashable, Sendable, CustomStringConvertible {
  case tooLong(maximumBytes: Int)
  case unknownKind(UInt8)
  case malformed(field: String, expected: String, actual: String)

  public var description: String {
    switch self {
    case .tooLong(let bytes): "the record's text is longer than the \(bytes) bytes that fit"
    case .unknownKind(let kind): "record kind \(kind) is not known"
    case .malformed(let field, let expected, let actual): "\(field): expected \(expected), got \(actual)"
    }
  }
}
