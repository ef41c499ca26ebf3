import CRingmaster
import EventCodec
import EventModel
import Testing

@Suite struct RowRoundTripTests {
  private func row(_ entity: QueryEntity, _ vocabulary: inout RandomVocabulary) -> Row {
    switch entity {
    case .workers:
      return .worker(
        WorkerView(
          handle: vocabulary.handle(), name: vocabulary.name(), address: vocabulary.text(0, Limits.nameBytes),
          metadata: WorkerMetadata(capacity: vocabulary.amounts(), confirmsStops: vocabulary.chance(2)),
          incarnation: vocabulary.optional { $0.text(0, Limits.nameBytes) },
          lastHeartbeatMs: vocabulary.integer(.min ... .max), consecutiveFailures: vocabulary.integer(.min ... .max),
          committed: vocabulary.amounts(), runningCount: vocabulary.number(0...Int(UInt32.max)),
          stoppingCount: vocabulary.number(0...Int(UInt32.max)), isDraining: vocabulary.chance(2),
          drainReason: vocabulary.optional { $0.error() },
          drainEndsMs: vocabulary.optional { $0.integer(Limits.timeMs) }))
    case .jobs:
      var request = vocabulary.request()
      request.parent = nil
      if request.specification.recordBytes > RecordWriter.rowSpecificationBytes {
        request.specification = Specification()
      }
      var counts = TaskStateCounts()
      for state in TaskState.allCases { counts[state] = vocabulary.number(0...Int(Int32.max)) }
      return .job(
        JobView(
          handle: vocabulary.handle(), name: vocabulary.name(),
          state: JobState.allCases.randomElement(using: &vocabulary.random)!,
          error: vocabulary.optional { $0.error() }, request: request, submittedMs: vocabulary.integer(Limits.timeMs),
          endedMs: vocabulary.optional { $0.integer(Limits.timeMs) }, taskCounts: counts,
          parentName: vocabulary.optional { $0.name() }, depth: vocabulary.number(0...Limits.jobDepth),
          insertionNumber: vocabulary.integer(0 ... .max), taskCount: vocabulary.number(0...Int(UInt32.max)),
          specificationBytes: vocabulary.number(0...Limits.specificationBytes)))
    case .tasks:
      return .task(
        TaskView(
          handle: vocabulary.handle(), job: vocabulary.handle(),
          name: TaskName(job: vocabulary.name(), index: vocabulary.number(0...Int(Int32.max))),
          state: vocabulary.taskState(), error: vocabulary.optional { $0.error() },
          exitCode: vocabulary.optional { $0.integer(.min ... .max) }, failures: vocabulary.integer(0 ... .max),
          preemptions: vocabulary.integer(0 ... .max), deliveries: vocabulary.integer(0 ... .max),
          endReason: vocabulary.optional { $0.code() }, isStopping: vocabulary.chance(2),
          retryMs: vocabulary.optional { $0.integer(Limits.timeMs) },
          attemptCount: vocabulary.number(0...Int(UInt32.max)),
          assignedMs: vocabulary.optional { $0.integer(Limits.timeMs) },
          worker: vocabulary.optional { $0.worker() }))
    case .counters: return .counter(name: vocabulary.name(), value: vocabulary.integer(0 ... .max))
    case .peers:
      return .peer(
        PeerView(
          peer: vocabulary.integer(0 ... .max), name: vocabulary.name(), role: vocabulary.integer(0 ... .max),
          received: vocabulary.integer(0 ... .max), full: vocabulary.integer(0 ... .max),
          shed: vocabulary.integer(0 ... .max), overruns: vocabulary.integer(0 ... .max)))
    case .brakes: return .brake(vocabulary.brakeRow())
    case .deadLetters: return .deadLetter(vocabulary.deadLetterRow())
    case .explanation: return .explanation(vocabulary.explanationRow())
    case .attempts: return .attempt(vocabulary.attempt())
    case .steps: return .step(vocabulary.stepRow())
    case .specifications:
      return .specification(
        SpecificationView(
          handle: vocabulary.handle(), name: vocabulary.name(), bytes: vocabulary.number(0...Limits.specificationBytes),
          specification: vocabulary.specification()))
    }
  }

  @Test(arguments: QueryEntity.allCases) func everyRowComesBackWithItsRequest(entity: QueryEntity) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var writer = RecordWriter()
    var assembler = ResultAssembler(epoch: 0)
    for _ in 0..<300 {
      let row = row(entity, &vocabulary)
      let request: UInt64 = vocabulary.integer(0 ... .max)
      let record = Record(try writer.encode(row, request: request))
      guard case .row(request, let decoded) = try record.accept(into: &assembler), decoded == row else {
        Issue.record("seed \(seed): \(row)")
        return
      }
      #expect(record.slots <= Int(RM_RESULT_MIN_CAPACITY) / 4)
    }
  }

  @Test func rowsThatAreNone() throws {
    var assembler = ResultAssembler(epoch: 0)
    func refusal(code: UInt8, _ fields: (inout RecordWriter) -> Void = { _ in }) throws -> String? {
      var head = rm_result_head()
      head.kind = UInt8(RM_KIND_ROW)
      head.code = code
      let record = try Record(head, fields)
      let error = #expect(throws: CodecError.self) { try record.accept(into: &assembler) }
      return error?.field
    }
    for code in [0, 11, 255] as [UInt8] { #expect(try refusal(code: code) == "row") }
    for entity in QueryEntity.allCases where entity != .counters {
      #expect(try refusal(code: entity.rawValue) { $0.append(RM_TAG_SUBJECT_NAME, "n") } == "row")
      #expect(try refusal(code: entity.rawValue) { $0.append(RM_TAG_ROW_NUMBERS, "short") } == "row")
    }
    var job = rm_job_row()
    job.state = 7
    #expect(try refusal(code: QueryEntity.jobs.rawValue) { $0.append(RM_TAG_ROW_NUMBERS, value: job) } == "state")
    var task = rm_task_row()
    task.state = 11
    #expect(try refusal(code: QueryEntity.tasks.rawValue) { $0.append(RM_TAG_ROW_NUMBERS, value: task) } == "state")
  }

  @Test func requestsEnd() throws {
    var assembler = ResultAssembler(epoch: 0)
    for (cursor, next) in [(UInt64.max, nil), (0, 0), (41, 41)] as [(UInt64, UInt64?)] {
      var head = rm_result_head()
      head.kind = UInt8(RM_KIND_QUERY_DONE)
      head.number = 9
      head.object = cursor
      guard case .queryDone(request: 9, next) = try Record(head).accept(into: &assembler) else {
        Issue.record("cursor \(cursor)")
        continue
      }
    }
  }
}
