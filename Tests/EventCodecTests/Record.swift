import CRingmaster
import EventCodec
import EventModel

/// A record as it lies in a ring: whole payloads, the head first.
struct Record {
  var bytes: [UInt8]

  init(_ payloads: UnsafeRawBufferPointer) {
    bytes = Array(payloads)
  }

  init(_ event: Event) throws {
    var writer = RecordWriter()
    self.init(try writer.encode(event))
  }

  /// A head and fields of any kind.
  init<Head: BitwiseCopyable>(_ head: Head, _ fields: (inout RecordWriter) -> Void = { _ in }) throws {
    var writer = RecordWriter()
    writer.begin(head)
    fields(&writer)
    self.init(try writer.finish())
  }

  var slots: Int {
    bytes.count / Int(RM_SLOT_PAYLOAD)
  }

  var textBytes: Int {
    Int(bytes[4]) | Int(bytes[5]) << 8
  }

  func decodeEvent(isNew: Bool = false) throws(CodecError) -> Event.Body {
    try withParts(as: rm_event_head.self) { head, text throws(CodecError) in
      try EventDecoder.decode(head, text: text, isNew: isNew)
    }
  }

  func accept(into assembler: inout ResultAssembler) throws(CodecError) -> ResultMessage? {
    try withParts(as: rm_payload.self) { head, text throws(CodecError) in try assembler.accept(head, text: text) }
  }

  /// The head and a copy of the text that ends where its memory ends.
  func withParts<Head, Result>(
    as type: Head.Type, _ body: (Head, UnsafeRawBufferPointer) throws(CodecError) -> Result
  ) throws(CodecError) -> Result {
    let size = Int(RM_SLOT_PAYLOAD)
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count - size, alignment: 1)
    defer { text.deallocate() }
    text.copyBytes(from: bytes[size...])
    let head = bytes.withUnsafeBytes { $0.loadUnaligned(as: Head.self) }
    return try body(head, UnsafeRawBufferPointer(text))
  }
}

extension CodecError {
  /// Says what was wrong: a field, what was expected and what came.
  var isTelling: Bool {
    switch self {
    case .tooLong(let bytes): bytes > 0
    case .unknownKind: !description.isEmpty
    case .malformed(let field, let expected, let actual): !field.isEmpty && !expected.isEmpty && !actual.isEmpty
    }
  }

  var field: String? {
    if case .malformed(let field, _, _) = self { field } else { nil }
  }
}
