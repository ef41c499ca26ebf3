import CRingmaster
import EventCodec
import EventModel
import Testing

/// Records that are no events: each is refused, and the error names the field.
@Suite struct EventRefusalTests {
  private func head(_ kind: EventKind, _ change: (inout rm_event_head) -> Void = { _ in }) -> rm_event_head {
    var head = rm_event_head()
    head.kind = kind.rawValue
    head.subject = 1 << 32
    change(&head)
    return head
  }

  private func refusal(_ head: rm_event_head, _ fields: (inout RecordWriter) -> Void = { _ in }) throws -> CodecError? {
    let record = try Record(head, fields)
    do throws(CodecError) {
      _ = try record.decodeEvent()
      return nil
    } catch {
      #expect(error.isTelling)
      return error
    }
  }

  /// A name in which the direction of text turns reads as another one; a journal may hold it.
  @Test(arguments: ["\u{202E}", "\u{2066}", "\u{200F}", "\u{61C}"]) func directionsInNamesOfPeers(mark: String) throws {
    let record = try Record(head(.workerHeartbeat) { $0.subject = 0 }) { $0.append(RM_TAG_SUBJECT_NAME, "a\(mark)b") }
    #expect(try record.decodeEvent() == .workerHeartbeat(.name("a\(mark)b")))
    #expect(throws: CodecError.self) { try record.decodeEvent(isNew: true) }
  }

  @Test(arguments: [0, 26, 64, 128, 129, 130, 255] as [UInt8]) func unknownKinds(kind: UInt8) throws {
    #expect(try refusal(head(.tick) { $0.kind = kind }) == .unknownKind(kind))
  }

  @Test(arguments: [0, 14, 16, 24, 1000, 32_767] as [UInt32]) func unknownTags(tag: UInt32) throws {
    for kind in EventKind.allCases {
      #expect(try refusal(head(kind)) { $0.append(tag, "x") }?.field == "text")
    }
  }

  @Test(arguments: [1, 57, 113, 65_535] as [UInt16]) func textBeyondTheSlots(textBytes: UInt16) throws {
    var record = try Record(head(.workerHeartbeatFailed)) { $0.append(RM_TAG_ERROR, String(repeating: "e", count: 52)) }
    try #require(record.slots == 2)
    record.bytes[4] = UInt8(truncatingIfNeeded: textBytes)
    record.bytes[5] = UInt8(truncatingIfNeeded: textBytes >> 8)
    let error = #expect(throws: CodecError.self) { try record.decodeEvent() }
    #expect(error?.field == (textBytes == 1 ? "text" : "text_bytes"))
  }

  @Test func fieldsThatEndBeyondTheText() throws {
    var record = try Record(head(.workerHeartbeatFailed)) { $0.append(RM_TAG_ERROR, "four") }
    for textBytes in 1...7 {
      record.bytes[4] = UInt8(textBytes)
      let error = #expect(throws: CodecError.self) { try record.decodeEvent() }
      #expect(error?.field == "text", "\(textBytes) bytes")
    }
    record.bytes[4] = 8
    #expect(try record.decodeEvent() == .workerHeartbeatFailed(.handle(Handle(rawValue: 1 << 32)), error: "four"))
  }

  @Test(
    arguments: [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x61, 0x80]] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) throws {
    let fields: [(UInt32, String)] = [
      (RM_TAG_SUBJECT_NAME, "worker_id"), (RM_TAG_OBJECT_NAME, "worker_id"), (RM_TAG_PARENT_NAME, "parent"),
      (RM_TAG_ADDRESS, "address"), (RM_TAG_INCARNATION, "incarnation"), (RM_TAG_ATTRIBUTE_KEY, "metadata"),
      (RM_TAG_ERROR, "error"), (RM_TAG_REASON, "reason"), (RM_TAG_OWNER, "owner"), (RM_TAG_ENDPOINT, "endpoint"),
    ]
    for (tag, field) in fields {
      let error = try refusal(head(.workerFailed)) { writer in bytes.withUnsafeBytes { writer.append(tag, $0) } }
      #expect(error == .malformed(field: field, expected: "UTF-8", actual: "other bytes"))
    }
  }

  @Test func textsThatAreTooLong() throws {
    let fields: [(UInt32, Int)] = [
      (RM_TAG_SUBJECT_NAME, Limits.taskNameBytes), (RM_TAG_OBJECT_NAME, Limits.nameBytes),
      (RM_TAG_PARENT_NAME, Limits.nameBytes), (RM_TAG_ADDRESS, Limits.nameBytes),
      (RM_TAG_INCARNATION, Limits.nameBytes), (RM_TAG_ATTRIBUTE_KEY, Limits.metadataBytes),
      (RM_TAG_ERROR, Limits.errorBytes), (RM_TAG_REASON, Limits.errorBytes), (RM_TAG_OWNER, Limits.nameBytes),
      (RM_TAG_ENDPOINT, Limits.nameBytes),
    ]
    for (tag, limit) in fields {
      let error = try refusal(head(.taskPreempted)) { $0.append(tag, String(repeating: "n", count: limit + 1)) }
      guard case .malformed(_, let expected, let actual) = error else {
        Issue.record("tag \(tag) takes \(limit + 1) bytes")
        continue
      }
      #expect(expected == "at most \(limit) bytes")
      #expect(actual == "\(limit + 1)")
    }
  }

  /// Only a task's name may be as long as a job's name and an index.
  @Test func namesOfWorkersAndJobsThatAreTooLong() throws {
    let name = String(repeating: "n", count: Limits.nameBytes + 1)
    let workers: [EventKind] = [.workerHeartbeat, .workerHeartbeatFailed, .workerFailed, .workerReconciled]
    for kind in workers + [.workerRegistered] {
      #expect(try refusal(head(kind) { $0.subject = 0 }) { $0.append(RM_TAG_SUBJECT_NAME, name) }?.field == "worker_id")
    }
    for kind in [EventKind.jobSubmitted, .jobCancelled] {
      #expect(try refusal(head(kind) { $0.subject = 0 }) { $0.append(RM_TAG_SUBJECT_NAME, name) }?.field == "job_id")
    }
  }

  @Test func emptyNames() throws {
    for tag in [RM_TAG_SUBJECT_NAME, RM_TAG_OBJECT_NAME, RM_TAG_PARENT_NAME, RM_TAG_ENDPOINT] {
      #expect(try refusal(head(.workerHeartbeat)) { $0.append(tag, "") }?.field != nil)
    }
  }

  @Test func entitiesThatNothingNames() throws {
    for (kind, field) in [
      (.workerHeartbeat, "worker_id"), (.workerHeartbeatFailed, "worker_id"), (.workerFailed, "worker_id"),
      (.workerReconciled, "worker_id"), (.workerRegistered, "worker_id"), (.jobSubmitted, "job_id"),
      (.jobCancelled, "job_id"), (.taskStateChanged, "task_id"), (.taskPreempted, "task_id"),
      (.schedulingDeadlinePassed, "task_id"),
    ] as [(EventKind, String)] {
      #expect(try refusal(head(kind) { $0.subject = 0 })?.field == field)
    }
    #expect(try refusal(head(.taskAssigned))?.field == "worker_id")
    #expect(try refusal(head(.endpointRegistered))?.field == "endpoint")
  }

  /// What a later program of the same version says, and what is understood without it.
  @Test(arguments: [0x801e, 0x801f, 0x8020, 0xffff] as [UInt32]) func whatMayBeSkippedIs(tag: UInt32) throws {
    let record = try Record(head(.jobCancelled) { $0.subject = 0 }) { writer in
      writer.append(tag, "first")
      writer.append(RM_TAG_SUBJECT_NAME, "j")
      writer.append(tag, "second")
      writer.append(RM_TAG_REASON, "why")
    }
    for isNew in [false, true] {
      #expect(try record.decodeEvent(isNew: isNew) == .jobCancelled(.name("j"), reason: "why"))
    }
  }

  @Test(arguments: [11, 12, 255] as [UInt8]) func unknownStates(state: UInt8) throws {
    #expect(try refusal(head(.taskStateChanged) { $0.state = state })?.field == "new_state")
  }

  @Test func attributes() throws {
    func register(_ fields: (inout RecordWriter) -> Void) throws -> CodecError? {
      try refusal(head(.workerRegistered)) { writer in
        writer.append(RM_TAG_SUBJECT_NAME, "w")
        fields(&writer)
      }
    }
    func pairs(_ count: Int, _ writer: inout RecordWriter) {
      for index in 0..<count {
        writer.append(RM_TAG_ATTRIBUTE_KEY, "k\(index)")
        writer.append(RM_TAG_ATTRIBUTE_VALUE, "v")
      }
    }
    #expect(try register { pairs(Limits.metadataEntries, &$0) } == nil)
    #expect(try register { pairs(Limits.metadataEntries + 1, &$0) }?.field == "metadata")
    #expect(
      try register {
        pairs(1, &$0)
        pairs(1, &$0)
      }?.field == "metadata", "a key twice")
    #expect(try register { $0.append(RM_TAG_ATTRIBUTE_KEY, "cpu") }?.field == "metadata")
    #expect(try register { $0.append(RM_TAG_ATTRIBUTE_VALUE, "v") }?.field == "metadata")
    #expect(try register { $0.append(RM_TAG_ATTRIBUTE_KEY, "k") }?.field == "metadata")
    #expect(
      try register {
        $0.append(RM_TAG_ATTRIBUTE_KEY, "lost")
        pairs(1, &$0)
      }?.field == "metadata")
  }

  @Test func reports() throws {
    func reconcile(_ fields: (inout RecordWriter) -> Void) throws -> CodecError? {
      try refusal(head(.workerReconciled), fields)
    }
    func line(_ task: UInt64, _ writer: inout RecordWriter) {
      writer.append(RM_TAG_REPORTED_TASK, value: rm_reported_task(task: task, attempt: 1, reserved: 0))
    }
    #expect(try reconcile { writer in for _ in 0..<Limits.reportedTasks { line(1 << 32, &writer) } } == nil)
    #expect(
      try reconcile { writer in for _ in 0...Limits.reportedTasks { line(1 << 32, &writer) } }?.field == "reported")
    #expect(try reconcile { line(5, &$0) }?.field == "reported", "no handle has generation 0")
    #expect(try reconcile { $0.append(RM_TAG_REPORTED_NAME, "j/task-0") }?.field == "reported")
    #expect(try reconcile { $0.append(RM_TAG_REPORTED_TASK, "short") }?.field == "reported")
    // A task that a worker runs and that the decoder drops would be taken for lost.
    #expect(try reconcile { line(0, &$0) }?.field == "reported")
    #expect(
      try reconcile {
        line(0, &$0)
        line(0, &$0)
        $0.append(RM_TAG_REPORTED_NAME, "j/task-0")
      }?.field == "reported")
    #expect(
      try reconcile {
        line(0, &$0)
        line(5, &$0)
      }?.field == "reported")
  }

  @Test func numbersOutsideTheirLimits() throws {
    let good = rm_job_numbers(
      milli_cpu: 1000, memory_bytes: 0, scheduling_timeout_ms: 0, run_timeout_ms: 0, retry_delay_ms: 0,
      retry_delay_max_ms: 0, submitter_uid: -1, replicas: 1, max_retries_failure: 0, max_retries_preemption: 0,
      max_task_failures: 0,
      priority: 0, if_exists: 0)
    func submit(_ change: (inout rm_job_numbers) -> Void) throws -> CodecError? {
      var numbers = good
      change(&numbers)
      return try refusal(head(.jobSubmitted) { $0.flags = UInt8(RM_FLAG_HAS_DEADLINE) }) {
        $0.append(RM_TAG_SUBJECT_NAME, "j")
        $0.append(RM_TAG_JOB_NUMBERS, value: numbers)
      }
    }
    #expect(try submit { _ in } == nil)
    for bad in [-1, .min, Limits.milliCPU.upperBound + 1, .max] {
      #expect(try submit { $0.milli_cpu = bad }?.field == "cpu")
      #expect(
        try refusal(head(.workerRegistered) { $0.value = bad }) { $0.append(RM_TAG_SUBJECT_NAME, "w") }?.field
          == "metadata.cpu")
    }
    for bad in [-1, .min, Limits.memoryBytes.upperBound + 1, .max] {
      #expect(try submit { $0.memory_bytes = bad }?.field == "memory_bytes")
    }
    for bad in [-1, .min, Limits.retries.upperBound + 1, .max] {
      #expect(try submit { $0.max_retries_failure = bad }?.field == "max_retries_failure")
      #expect(try submit { $0.max_retries_preemption = bad }?.field == "max_retries_preemption")
      #expect(try submit { $0.max_task_failures = bad }?.field == "max_task_failures")
    }
    for bad in [-1, .min, Limits.timeMs.upperBound + 1, .max] {
      #expect(try submit { $0.scheduling_timeout_ms = bad }?.field == "scheduling_timeout_ms")
      #expect(try submit { $0.retry_delay_ms = bad }?.field == "retry_delay_ms")
    }
    #expect(try refusal(head(.jobSubmitted)) { $0.append(RM_TAG_SUBJECT_NAME, "j") }?.field == "request")
    #expect(
      try refusal(head(.jobSubmitted)) {
        $0.append(RM_TAG_SUBJECT_NAME, "j")
        $0.append(RM_TAG_JOB_NUMBERS, "not 72 bytes")
      }?.field == "request")
  }
}
