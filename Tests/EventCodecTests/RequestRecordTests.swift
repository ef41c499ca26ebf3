import CRingmaster
import EventCodec
import EventModel
import Testing

@Suite struct RequestRecordTests {
  private func parts<Result>(
    _ record: Record, _ body: (rm_event_head, UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let head = record.bytes.withUnsafeBytes { $0.loadUnaligned(as: rm_event_head.self) }
    return try record.bytes[Int(RM_SLOT_PAYLOAD)...].withUnsafeBytes { try body(head, $0) }
  }

  @Test func whatIsToBeExplainedComesBack() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var writer = RecordWriter()
    for _ in 0..<500 {
      let target: EntityReference =
        switch vocabulary.number(0...2) {
        case 0: .worker(vocabulary.reference())
        case 1: .job(vocabulary.reference())
        default: .task(vocabulary.task())
        }
      let record = Record(try writer.encode(.query(entity: 8, cursor: 5, rows: 1024, about: target)))
      try parts(record) { head, text in
        #expect(UInt32(head.kind) == RM_KIND_QUERY && head.subject == 8 && head.object == 5 && head.extra == 1024)
        guard case .query(entity: 8, cursor: 5, rows: 1024, let about) = try Request(head, text: text) else {
          Issue.record("no query")
          return
        }
        #expect(about == target, "seed \(seed)")
      }
    }
  }

  @Test func whyALetterIsRetriedComesBack() throws {
    var writer = RecordWriter()
    for isRetry in [true, false] {
      let request =
        isRetry ? Request.retryLetter(letter: 77, reason: "why not") : .dropLetter(letter: 77, reason: "why not")
      let record = Record(try writer.encode(request))
      try parts(record) { head, text in
        #expect(UInt32(head.kind) == (isRetry ? RM_KIND_RETRY_LETTER : RM_KIND_DROP_LETTER))
        #expect(head.subject == 77)
        switch try Request(head, text: text) {
        case .retryLetter(77, "why not"): #expect(isRetry)
        case .dropLetter(77, "why not"): #expect(!isRetry)
        case let other: Issue.record("\(other)")
        }
      }
    }
  }

  @Test func requestsThatMakeNoSenseNameTheField() throws {
    func refusal(_ head: rm_event_head, _ fields: (inout RecordWriter) -> Void = { _ in }) throws -> String? {
      let record = try Record(head, fields)
      return parts(record) { head, text in #expect(throws: CodecError.self) { try Request(head, text: text) }?.field }
    }
    var head = rm_event_head()
    head.kind = UInt8(RM_KIND_QUERY)
    head.state = UInt8(RM_ENTITY_WORKER)
    #expect(try refusal(head) == "name")
    #expect(try refusal(head) { $0.append(RM_TAG_SUBJECT_NAME, "") } == "name")
    let tooLong = String(repeating: "x", count: Limits.taskNameBytes + 1)
    #expect(try refusal(head) { $0.append(RM_TAG_SUBJECT_NAME, tooLong) } == "name")
    head.state = 9
    #expect(try refusal(head) { $0.append(RM_TAG_SUBJECT_NAME, "w") } == "entity")
    head.value = 1
    #expect(try refusal(head) == "entity")
    head.text_bytes = 100
    let error = #expect(throws: CodecError.self) {
      try Request(head, text: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    #expect(error?.field == "text_bytes")
    head = rm_event_head()
    for kind in [RM_KIND_RETRY_LETTER, RM_KIND_DROP_LETTER] {
      head.kind = UInt8(kind)
      #expect(try refusal(head) { $0.append(RM_TAG_OWNER, "me") } == "reason")
    }
    for kind in [0, 1, 127, 132, 255] as [UInt8] {
      head.kind = kind
      let error = #expect(throws: CodecError.self) {
        try Request(head, text: UnsafeRawBufferPointer(start: nil, count: 0))
      }
      #expect(error == .unknownKind(kind))
    }
  }

  /// Whatever a peer writes, it is a request or an error that names a field.
  @Test func damagedRequestsAreRefusedOrRead() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var writer = RecordWriter()
    var refused = 0
    for _ in 0..<5000 {
      let request =
        vocabulary.number(0...1) == 0
        ? Request.query(entity: 8, cursor: 0, rows: 1, about: .task(vocabulary.task()))
        : .retryLetter(letter: 1, reason: "why not")
      var record = Record(try writer.encode(request))
      for _ in 0..<vocabulary.number(1...6) {
        record.bytes[vocabulary.number(0...(record.bytes.count - 1))] = vocabulary.integer(0 ... .max)
      }
      parts(record) { head, text in
        do throws(CodecError) {
          _ = try Request(head, text: text)
        } catch {
          refused += 1
          #expect(error.isTelling, "seed \(seed)")
        }
      }
    }
    #expect(refused > 0)
  }
}
