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
      let record = Record(try writer.encodeExplanationQuery(target, rows: 1024))
      let decoded = try parts(record) { head, text in
        #expect(UInt32(head.kind) == RM_KIND_QUERY && head.subject == 8 && head.extra == 1024)
        return try RequestDecoder.explanationTarget(head, text: text)
      }
      #expect(decoded == target, "seed \(seed)")
    }
  }

  @Test func whyALetterIsRetriedComesBack() throws {
    var writer = RecordWriter()
    for isRetry in [true, false] {
      let record = Record(try writer.encodeLetterRequest(77, isRetry: isRetry, reason: "why not"))
      try parts(record) { head, text in
        #expect(UInt32(head.kind) == (isRetry ? RM_KIND_RETRY_LETTER : RM_KIND_DROP_LETTER))
        #expect(head.subject == 77)
        let reason = try RequestDecoder.letterReason(head, text: text)
        #expect(reason == "why not")
      }
    }
  }

  @Test func requestsThatMakeNoSenseNameTheField() throws {
    func refusal(_ head: rm_event_head, _ fields: (inout RecordWriter) -> Void = { _ in }) throws -> String? {
      let record = try Record(head, fields)
      return parts(record) { head, text in
        #expect(throws: CodecError.self) { try RequestDecoder.explanationTarget(head, text: text) }?.field
      }
    }
    var head = rm_event_head()
    #expect(try refusal(head) == "name")
    #expect(try refusal(head) { $0.append(RM_TAG_SUBJECT_NAME, "") } == "name")
    let tooLong = String(repeating: "x", count: Limits.taskNameBytes + 1)
    #expect(try refusal(head) { $0.append(RM_TAG_SUBJECT_NAME, tooLong) } == "name")
    #expect(try refusal(head) { $0.append(RM_TAG_SUBJECT_NAME, "w") } == "entity")
    head.state = 9
    head.value = 1
    #expect(try refusal(head) == "entity")
    head.text_bytes = 100
    let error = #expect(throws: CodecError.self) {
      try RequestDecoder.explanationTarget(head, text: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    #expect(error?.field == "text_bytes")
    let record = try Record(rm_event_head()) { $0.append(RM_TAG_OWNER, "me") }
    parts(record) { head, text in
      let error = #expect(throws: CodecError.self) { try RequestDecoder.letterReason(head, text: text) }
      #expect(error?.field == "reason")
    }
  }

  /// Whatever a peer writes, it is a request or an error that names a field.
  @Test func damagedRequestsAreRefusedOrRead() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var writer = RecordWriter()
    var refused = 0
    for _ in 0..<5000 {
      var record = Record(try writer.encodeExplanationQuery(.task(vocabulary.task()), rows: 1))
      for _ in 0..<vocabulary.number(1...6) {
        record.bytes[vocabulary.number(0...(record.bytes.count - 1))] = vocabulary.integer(0 ... .max)
      }
      parts(record) { head, text in
        do throws(CodecError) {
          _ = try RequestDecoder.explanationTarget(head, text: text)
          _ = try RequestDecoder.letterReason(head, text: text)
        } catch {
          refused += 1
          #expect(error.isTelling, "seed \(seed)")
        }
      }
    }
    #expect(refused > 0)
  }
}
