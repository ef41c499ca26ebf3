import CRingmaster
import EventCodec
import EventModel
import Testing

/// Results through the encoder, record by record, and back together.
@Suite struct ResultRoundTripTests {
  /// The most slots of a record in the smallest ring that results may have.
  static let smallestRingSlots = Int(RM_RESULT_MIN_CAPACITY) / 4

  private func records(of result: DispatchResult) throws -> [Record] {
    var encoder = ResultEncoder()
    return try (0..<ResultEncoder.recordCount(of: result)).map { index in
      let record = Record(try encoder.encode(result, record: index))
      #expect(record.slots <= Self.smallestRingSlots)
      return record
    }
  }

  /// What the records add up to; only the last may complete it.
  private func assemble(_ records: [Record], _ assembler: inout ResultAssembler) throws -> DispatchResult? {
    for (index, record) in records.enumerated() {
      guard let message = try record.accept(into: &assembler) else { continue }
      guard index == records.count - 1, case .result(let result) = message else { return nil }
      return result
    }
    return nil
  }

  private func roundTrip(_ result: DispatchResult) throws -> DispatchResult? {
    var assembler = ResultAssembler(epoch: 0)
    return try assemble(try records(of: result), &assembler)
  }

  private func handled(_ event: Event, actions: [Action] = [], observations: [Observation] = []) -> DispatchResult {
    let transaction = Transaction(
      number: 7, timestampMs: event.timestampMs ?? 0, event: event, outcome: .applied, subject: nil, actions: actions,
      tasksToKill: [])
    return DispatchResult(event: event, disposition: .handled(transaction), observations: observations)
  }

  @Test func everyShapeComesBack() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var assembler = ResultAssembler(epoch: 0)
    for _ in 0..<600 {
      let result = vocabulary.result()
      guard try assemble(records(of: result), &assembler) == result else {
        Issue.record("seed \(seed): \(result)")
        return
      }
    }
  }

  /// A transaction of an earlier epoch says so; one of the connection's own need not.
  @Test func theEpochComesBack() throws {
    let event = Event(id: EventID(peer: 1, position: 2), timestampMs: 5, body: .prune)
    let result = handled(event)
    for (named, expected) in [(nil, 9), (7, 7)] as [(UInt64?, UInt64)] {
      var encoder = ResultEncoder()
      var assembler = ResultAssembler(epoch: 9)
      let record = Record(try encoder.encode(result, record: 0, epoch: named))
      #expect(try assemble([record], &assembler)?.epoch == expected)
    }
  }

  @Test(arguments: ActionKind.allCases) func everyActionComesBack(kind: ActionKind) throws {
    let worker = WorkerIdentity(handle: WorkerHandle(index: 1, generation: 2), name: "w")
    let job = JobHandle(index: 3, generation: 4)
    let task = TaskHandle(index: 5, generation: 6)
    var actions = [Action(kind, .worker(worker.handle, name: "w")), Action(kind, .job(job, name: "j"))]
    for from in [nil] + TaskState.allCases {
      for to in [nil] + TaskState.allCases {
        actions.append(
          Action(
            kind, .task(task, job: "j", index: Int32(actions.count)), from: from, to: to, attempt: 0, worker: worker,
            cause: .action(Int32(actions.count - 1))))
      }
    }
    let result = handled(Event(timestampMs: 5, body: .prune), actions: actions)
    #expect(try roundTrip(result) == result)
  }

  @Test func everyOutcomeAndReasonComesBack() throws {
    let event = Event(id: EventID(peer: 4, position: 99), timestampMs: 5, body: .workerHeartbeat("w"))
    for outcome in [.applied, .ignored] + RejectionReason.allCases.map(Outcome.rejected) {
      let transaction = Transaction(
        number: 1, timestampMs: 5, event: event, outcome: outcome, subject: nil, actions: [], tasksToKill: [])
      let result = DispatchResult(event: event, disposition: .handled(transaction), observations: [], promise: .durable)
      #expect(try roundTrip(result) == result)
    }
    for reason in DeadLetterReason.allCases {
      let result = DispatchResult(event: event, disposition: .deadLettered(reason), observations: [])
      #expect(try roundTrip(result) == result)
    }
  }

  /// Every disposition with every outcome and reason, with observations of every kind in every order.
  @Test func everythingThatADispatcherKnowsComesBack() throws {
    let event = Event(id: EventID(peer: 4, position: 99), timestampMs: 5, body: .prune)
    let action = Action(.jobPruned, .job(JobHandle(index: 1, generation: 1), name: "j"))
    let outcomes = [Outcome.applied, .ignored] + RejectionReason.allCases.map(Outcome.rejected)
    let dispositions =
      outcomes.flatMap { outcome in
        [[], [action]].map { actions in
          DispatchResult.Disposition.handled(
            Transaction(
              number: 1, timestampMs: 5, event: event, outcome: outcome, subject: nil, actions: actions,
              tasksToKill: []))
        }
      } + [.dropped(by: "gate")] + DeadLetterReason.allCases.map { .deadLettered($0) }
    let said: [Observation.Outcome] = [
      .succeeded, .returned(value: ""), .returned(value: "v"), .threw(error: ""), .threw(error: "e"),
    ]
    let lists = [[]] + said.map { [$0] } + said.flatMap { first in said.map { [first, $0, .succeeded] } }
    var assembler = ResultAssembler(epoch: 3)
    for disposition in dispositions {
      for list in lists {
        let observations = list.enumerated().map { Observation(observer: "o\($0.offset)", outcome: $0.element) }
        let result = DispatchResult(
          event: event, disposition: disposition, observations: observations, promise: .durable, epoch: 3)
        let told = try assemble(records(of: result), &assembler)
        #expect(told == result && told?.succeeded == result.succeeded)
      }
    }
  }

  @Test(arguments: DeadLetterReason.allCases) func refusalsComeBack(reason: DeadLetterReason) throws {
    let id = EventID(peer: .max, position: .max - 1)
    for detail in ["", "new_state: expected a task state, got 12", String(repeating: "é", count: 2048)] {
      var writer = RecordWriter()
      var assembler = ResultAssembler(epoch: 0)
      let record = Record(try writer.encodeRefusal(of: id, reason: reason, detail: detail))
      guard case .refused(id, reason, detail) = try record.accept(into: &assembler) else {
        Issue.record("\(reason) with \(detail.utf8.count) bytes")
        return
      }
    }
  }

  @Test func anOverrunEndsWhatWasBegun() throws {
    let event = Event(timestampMs: 5, body: .prune)
    let actions = (0..<3).map { _ in Action(.jobPruned, .job(JobHandle(index: 1, generation: 1), name: "j")) }
    let whole = try records(of: handled(event, actions: actions))
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_OVERRUN)
    head.subject = 7
    head.object = 12
    head.number = 40
    var assembler = ResultAssembler(epoch: 0)
    #expect(try assemble(Array(whole[..<2]), &assembler) == nil)
    guard case .overrun(from: 7, to: 12, settledBefore: 40) = try Record(head).accept(into: &assembler) else {
      Issue.record("no overrun")
      return
    }
    #expect(try assemble(Array(whole[2...]), &assembler) == nil)
    #expect(try assemble(whole, &assembler) == handled(event, actions: actions))
  }

  @Test func aWorkerThatIsUnknownIsTold() throws {
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_HEARTBEAT_REFUSED)
    head.subject = 77
    var assembler = ResultAssembler(epoch: 0)
    guard case .heartbeatRefused(WorkerHandle(rawValue: 77)) = try Record(head).accept(into: &assembler) else {
      Issue.record("no refusal")
      return
    }
  }
}

/// What is too long for a result is told abridged; the result itself always fits.
@Suite struct AbridgedResultTests {
  private func roundTrip(_ result: DispatchResult, epoch: UInt64? = nil) throws -> DispatchResult? {
    var encoder = ResultEncoder()
    var assembler = ResultAssembler(epoch: 0)
    var told: DispatchResult?
    for index in 0..<ResultEncoder.recordCount(of: result) {
      let record = Record(try encoder.encode(result, record: index, epoch: epoch))
      #expect(record.slots <= ResultRoundTripTests.smallestRingSlots)
      if case .result(let whole)? = try record.accept(into: &assembler) { told = whole }
    }
    return told
  }

  private func dropped(_ body: Event.Body, by stage: String = "filter", observations: [Observation] = [])
    -> DispatchResult
  {
    let event = Event(timestampMs: 5, body: body)
    return DispatchResult(event: event, disposition: .dropped(by: stage), observations: observations)
  }

  @Test func aRegistrationLosesItsAttributes() throws {
    let name = String(repeating: "n", count: Limits.nameBytes)
    func registration(_ count: Int) -> Event.Body {
      let attributes = (0..<count).map { WorkerMetadata.Attribute(key: "\(100 + $0)" + name.dropFirst(3), value: name) }
      let metadata = WorkerMetadata(capacity: Resources(milliCPU: 4000), attributes: attributes)
      return .workerRegistered(WorkerRegistration(name: name, address: name, metadata: metadata, incarnation: name))
    }
    #expect(try roundTrip(dropped(registration(4)))?.event.body == registration(4))
    #expect(try roundTrip(dropped(registration(4)))?.isAbridged == false)
    #expect(try roundTrip(dropped(registration(32)))?.event.body == registration(0))
    #expect(try roundTrip(dropped(registration(32)))?.isAbridged == true)
  }

  @Test func aReportLosesItsTasks() throws {
    let byHandle = (0..<1024).map { ReportedTask(task: .handle(TaskHandle(index: $0, generation: 1)), attempt: $0) }
    let told = try roundTrip(dropped(.workerReconciled("w", reported: byHandle)))
    #expect(told?.event.body == .workerReconciled("w", reported: []))
  }

  @Test func aReportTooLongForAnyRecordLosesItsTasks() throws {
    let job = String(repeating: "j", count: Limits.nameBytes)
    let byName = (0..<1024).map { ReportedTask(task: .name("\(job)/task-\($0)"), attempt: 0) }
    let told = try roundTrip(dropped(.workerReconciled("w", reported: byName)))
    #expect(told?.event.body == .workerReconciled("w", reported: []))
  }

  @Test func namesOfPluginsAreCutToFit() throws {
    let long = String(repeating: "ö", count: 20_000)
    let cut = String(repeating: "ö", count: Limits.nameBytes / 2)
    let observations = (0..<40).map { _ in Observation(observer: long, outcome: .succeeded) }
    let told = try roundTrip(dropped(.prune, by: long, observations: observations))
    #expect(told?.observations == observations.map { _ in Observation(observer: cut, outcome: .succeeded) })
    #expect(told?.disposition == .dropped(by: cut))
  }

  /// One character of many bytes is one character still.
  @Test(arguments: [0, 1, 2000]) func textsOfObserversAreCutToFit(combiningMarks: Int) throws {
    let character = "a" + String(repeating: "\u{301}", count: combiningMarks)
    let text = String(repeating: character, count: 5000)
    let observations = [
      Observation(observer: "a", outcome: .returned(value: text)),
      Observation(observer: "b", outcome: .threw(error: text)),
    ]
    let told = try roundTrip(dropped(.prune, observations: observations))
    let cut = text.cut(toBytes: Limits.observationBytes)
    #expect((Limits.observationBytes - 3...Limits.observationBytes).contains(cut.utf8.count))
    #expect(told?.observations.map(\.outcome) == [.returned(value: cut), .threw(error: cut)])
  }

  /// With names as long as may be and the longest event that is told whole, whatever else there is has room.
  @Test func theLongestOfEverythingFits() throws {
    let name = String(repeating: "n", count: Limits.nameBytes)
    let text = String(repeating: "t", count: Limits.observationBytes)
    let observations = (0..<100).map {
      Observation(observer: name, outcome: $0 % 3 == 0 ? .returned(value: text) : .succeeded)
    }
    let attributes = (0..<14).map { WorkerMetadata.Attribute(key: "\(100 + $0)" + name.dropFirst(3), value: name) }
    let metadata = WorkerMetadata(capacity: Resources(milliCPU: 1), attributes: attributes)
    let event = Event(
      id: EventID(peer: .max, position: .max), timestampMs: 5,
      body: .workerRegistered(WorkerRegistration(name: name, address: name, metadata: metadata, incarnation: name)))
    let transaction = Transaction(
      number: .max, timestampMs: 5, event: event, outcome: .applied,
      subject: .task(TaskHandle(index: 1, generation: 1), job: name, index: 5), actions: [], tasksToKill: [])
    let result = DispatchResult(event: event, disposition: .handled(transaction), observations: observations, epoch: 3)
    #expect(try roundTrip(result, epoch: 3) == result)
  }
}
