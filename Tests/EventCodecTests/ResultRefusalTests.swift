import CRingmaster
import EventCodec
import EventModel
import Testing

/// Records of a result ring that make no sense: each is refused, and the error names the field.
@Suite struct ResultRefusalTests {
  private func refusal<Head: BitwiseCopyable>(
    _ head: Head, _ fields: (inout RecordWriter) -> Void = { _ in }
  ) throws -> CodecError? {
    let record = try Record(head, fields)
    var assembler = ResultAssembler(epoch: 0)
    do throws(CodecError) {
      _ = try record.accept(into: &assembler)
      return nil
    } catch {
      #expect(error.isTelling)
      return error
    }
  }

  private func action(_ change: (inout rm_result_head) -> Void) -> rm_result_head {
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_ACTION)
    head.code = ActionKind.taskKilled.rawValue
    head.subject_type = UInt8(RM_ENTITY_TASK)
    head.from_state = UInt8(RM_NO_STATE)
    head.to_state = UInt8(RM_NO_STATE)
    change(&head)
    return head
  }

  private func transaction(_ change: (inout rm_transaction_head) -> Void) throws -> CodecError? {
    var head = rm_transaction_head()
    head.kind = UInt8(RM_KIND_TRANSACTION)
    head.promise = UInt8(RM_PROMISE_ACCEPTED)
    change(&head)
    let event = try Record(Event(body: .prune))
    return try refusal(head) { writer in event.bytes.withUnsafeBytes { writer.append(RM_TAG_EVENT, $0) } }
  }

  @Test(arguments: [0, 10, 64, 255] as [UInt8]) func unknownKinds(kind: UInt8) throws {
    var head = rm_result_head()
    head.kind = kind
    #expect(try refusal(head) == .unknownKind(kind))
  }

  @Test func unknownActions() throws {
    #expect(try refusal(action { _ in }) == nil)
    for code in [0, 28, 255] as [UInt8] {
      #expect(try refusal(action { $0.code = code })?.field == "action")
    }
    for type in [0, 4, 5, 255] as [UInt8] {
      #expect(try refusal(action { $0.subject_type = type })?.field == "subject")
    }
  }

  @Test(arguments: [11, 12, 254] as [UInt8]) func unknownStates(state: UInt8) throws {
    #expect(try refusal(action { $0.from_state = state })?.field == "from_state")
    #expect(try refusal(action { $0.to_state = state })?.field == "to_state")
  }

  @Test func unknownOutcomes() throws {
    #expect(try transaction { _ in } == nil)
    #expect(try transaction { $0.outcome = 3 }?.field == "outcome")
    #expect(try transaction { $0.disposition = 3 }?.field == "disposition")
    for promise in [3, 255] as [UInt8] {
      #expect(try transaction { $0.promise = promise }?.field == "promise")
    }
    for reason in [0, 12, 255] as [UInt8] {
      #expect(
        try transaction {
          $0.outcome = 2
          $0.reason = reason
        }?.field == "reason")
    }
    for reason in [0, 10, 255] as [UInt8] {
      #expect(
        try transaction {
          $0.disposition = UInt8(RM_DISPOSITION_DEAD_LETTERED)
          $0.reason = reason
        }?.field == "reason")
    }
  }

  @Test func aTransactionWithoutItsEvent() throws {
    var head = rm_transaction_head()
    head.kind = UInt8(RM_KIND_TRANSACTION)
    #expect(try refusal(head)?.field == "event")
    #expect(try refusal(head) { $0.append(RM_TAG_EVENT, "not 56 bytes") }?.field == "event")
  }

  @Test func aKillWithoutItsWorker() throws {
    let head = action { $0.kind = UInt8(RM_KIND_KILL) }
    #expect(try refusal(head) { $0.append(RM_TAG_SUBJECT_NAME, "j") }?.field == "worker")
    #expect(
      try refusal(
        action { head in
          head.kind = UInt8(RM_KIND_KILL)
          head.subject_type = 0
        }
      ) { $0.append(RM_TAG_WORKER_NAME, "w") }?.field == "subject")
  }

  @Test func namesThatAreTooLongOrNoText() throws {
    let long = String(repeating: "n", count: Limits.taskNameBytes + 1)
    for tag in [RM_TAG_SUBJECT_NAME, RM_TAG_WORKER_NAME] {
      #expect(try refusal(action { _ in }) { $0.append(tag, long) } != nil)
      #expect(
        try refusal(action { _ in }) { writer in
          [UInt8](arrayLiteral: 0xff).withUnsafeBytes { writer.append(tag, $0) }
        } != nil)
    }
  }

  @Test func textBeyondTheSlots() throws {
    var record = try Record(action { _ in })
    record.bytes[4] = 1
    var assembler = ResultAssembler(epoch: 0)
    let error = #expect(throws: CodecError.self) { _ = try record.accept(into: &assembler) }
    #expect(error?.field == "text_bytes")
  }
}
