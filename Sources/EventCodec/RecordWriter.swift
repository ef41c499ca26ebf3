import CRingmaster
import EventModel

/// Builds records in a buffer of its own: each a head and the fields of its text. Allocates once.
public struct RecordWriter: ~Copyable {
  private let place: UnsafeMutableRawPointer
  /// Where the record begins that is being written: the records of a run lie one behind the other.
  private var start = 0
  /// Bytes of all records so far.
  private var used = 0
  private var overflowed = false

  private static let headSize = Int(RM_SLOT_PAYLOAD)
  private static let fieldHeadSize = MemoryLayout<rm_field>.size
  private static let slotsOffset = 2
  private static let textBytesOffset = 4

  public init() {
    // A payload more: the padding is written whole.
    place = .allocate(byteCount: Int(RM_RECORD_MAX_BYTES + RM_SLOT_PAYLOAD), alignment: 16)
  }

  deinit {
    place.deallocate()
  }

  /// Starts a record anew. The head's `slots` and `text_bytes` are filled in by `finish`.
  @inline(__always)
  public mutating func begin<Head: BitwiseCopyable>(_ head: Head) {
    beginRun()
    beginNext(head)
  }

  /// Starts a run of records anew.
  @inline(__always)
  mutating func beginRun() {
    used = 0
    overflowed = false
  }

  /// Starts a record behind the one before, as `begin`.
  @inline(__always)
  mutating func beginNext<Head: BitwiseCopyable>(_ head: Head) {
    precondition(MemoryLayout<Head>.size == Self.headSize, "a head is 56 bytes")
    start = used
    guard used + Self.headSize <= Int(RM_RECORD_MAX_BYTES) else { return overflowed = true }
    (place + start).storeBytes(of: head, as: Head.self)
    used += Self.headSize
  }

  /// Says of the result that is being written that its event is without its lists.
  mutating func noteAbridged() {
    let offset = start + MemoryLayout<rm_transaction_head>.offset(of: \.abridged)!
    place.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
  }

  /// Appends a field of text.
  public mutating func append(_ tag: UInt32, _ text: String) {
    // In place: a copy of the text, to be changed, would be counted.
    if text.utf8.withContiguousStorageIfAvailable({ append(tag, UnsafeRawBufferPointer($0)) }) != nil { return }
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
  mutating func append<Value: BitwiseCopyable>(_ tag: UInt32, value: Value, name: String) {
    let bytes = withUnsafeBytes(of: value) { Array($0) } + name.utf8
    bytes.withUnsafeBytes { append(tag, $0) }
  }

  /// Appends a field of bytes.
  @inline(__always)
  public mutating func append(_ tag: UInt32, _ bytes: UnsafeRawBufferPointer) {
    guard let field = beginField(tag, length: bytes.count), let from = bytes.baseAddress else { return }
    field.copyMemory(from: from, byteCount: bytes.count)
  }

  /// Appends a RM_TAG_EVENT field.
  @inline(__always)
  mutating func append(_ event: EventRecord) {
    guard let field = beginField(RM_TAG_EVENT, length: event.bytes) else { return }
    field.storeBytes(of: event.head, as: rm_event_head.self)
    guard !event.text.isEmpty, let from = event.text.baseAddress else { return }
    (field + EventRecord.headBytes).copyMemory(from: from, byteCount: event.text.count)
  }

  /// - Returns: where its bytes go; nil when they do not fit.
  @inline(__always)
  private mutating func beginField(_ tag: UInt32, length: Int) -> UnsafeMutableRawPointer? {
    let end = used + Self.fieldHeadSize + length
    guard length <= Int(UInt16.max), end <= Int(RM_RECORD_MAX_BYTES) else {
      overflowed = true
      return nil
    }
    let field = place + used
    field.storeBytes(of: rm_field(tag: UInt16(tag), length: UInt16(length)), as: rm_field.self)
    used = end
    return field + Self.fieldHeadSize
  }

  /// Ends the record.
  ///
  /// - Returns: whole payloads of all records of the run, valid until the next `begin`.
  /// - Throws: `CodecError.tooLong` when they did not fit.
  @inline(__always)
  public mutating func finish() throws(CodecError) -> UnsafeRawBufferPointer {
    guard !overflowed else {
      throw .tooLong(maximumBytes: Int(RM_RECORD_MAX_BYTES) - Self.headSize)
    }
    let slots = (used - start + Self.headSize - 1) / Self.headSize
    let record = place + start
    (record + Self.slotsOffset).storeBytes(of: UInt16(slots), as: UInt16.self)
    (record + Self.textBytesOffset).storeBytes(of: UInt16(used - start - Self.headSize), as: UInt16.self)
    (place + used).storeBytes(of: rm_payload(), as: rm_payload.self)
    used = start + slots * Self.headSize
    return UnsafeRawBufferPointer(start: place, count: used)
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
