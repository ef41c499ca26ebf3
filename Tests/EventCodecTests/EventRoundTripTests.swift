import CRingmaster
import EventCodec
import EventModel
import Testing

@Suite struct EventRoundTripTests {
  @Test(arguments: EventKind.allCases) func whatGoesInComesOut(kind: EventKind) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    for _ in 0..<300 {
      let body = vocabulary.body(kind)
      let record = try Record(Event(body: body))
      let decoded = try record.decodeEvent()
      guard decoded == body else {
        Issue.record("seed \(seed): \(body) became \(decoded)")
        return
      }
      #expect(record.slots == 1 + (record.textBytes + 55) / 56)
      #expect(record.bytes[0] == kind.rawValue)
    }
  }

  /// What journal and results copy: what its sender wrote, without what means nothing, so that it never comes to mean
  /// something in a later version.
  @Test(arguments: EventKind.allCases) func aRecordIsCarriedOnAsItCame(kind: EventKind) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var writer = RecordWriter()
    for _ in 0..<100 {
      let body = vocabulary.body(kind)
      var record = try Record(Event(body: body))
      let clean = record.bytes
      let unused = (0..<Int(RM_SLOT_PAYLOAD)).filter { clean[$0] == 0 }
      for offset in unused where offset >= 8 || offset == 7 {
        let before = record.bytes[offset]
        record.bytes[offset] = .random(in: 0...255)
        if (try? record.decodeEvent(isNew: true)) != body { record.bytes[offset] = before }
      }
      record.bytes[1] |= UInt8(RM_FLAG_WANTS_RESULT)
      try record.withParts(as: rm_event_head.self) { head, text throws(CodecError) in
        let carried = EventRecord(accepted: head, text: text)
        guard try EventDecoder.decode(carried.head, text: carried.text) == body else {
          Issue.record("seed \(seed): \(body) is carried on as \(carried)")
          return
        }
        #expect(carried.head.timestamp_ns == 0)
        #expect(UInt32(head.flags) & RM_FLAG_HAS_EXIT_CODE != 0 || carried.head.exit_code == 0)
        #expect(UInt32(carried.head.flags) & RM_FLAG_WANTS_RESULT == 0)
        #expect(carried.text.elementsEqual(clean[Int(RM_SLOT_PAYLOAD)...].prefix(carried.text.count)))
        let made = try writer.record(of: Event(body: body))
        #expect(carried.bytes == made.bytes && carried.head.slots == made.head.slots, "seed \(seed)")
      }
    }
  }

  @Test func aHeartbeatByHandleIsOneSlot() throws {
    let record = try Record(.workerHeartbeat(.handle(WorkerHandle(index: 3, generation: 9))))
    #expect(record.slots == 1)
    #expect(record.textBytes == 0)
  }

  @Test func theHeadCarriesWhatTheReceiverNeeds() throws {
    var writer = RecordWriter()
    let record = try writer.encode(.workerFailed("w1", error: "gone"), wantsResult: true, timestampNs: 77)
    let head = record.loadUnaligned(as: rm_event_head.self)
    #expect(head.flags == UInt8(RM_FLAG_WANTS_RESULT))
    #expect(head.timestamp_ns == 77)
    #expect(Int(head.slots) * 56 == record.count)
    #expect(head.text_bytes == 4 + 2 + 4 + 4)
    #expect(head.subject == 0)
  }

  @Test func aWriterForgetsTheRecordBefore() throws {
    var vocabulary = RandomVocabulary(seed: 1)
    var writer = RecordWriter()
    for kind in EventKind.allCases + EventKind.allCases.reversed() {
      let event = Event(body: vocabulary.body(kind))
      let shared = Record(try writer.encode(event))
      #expect(shared.bytes == (try Record(event)).bytes)
    }
  }

  @Test func theLongestRecordIsFullToTheLastByte() throws {
    let room = (Int(RM_RECORD_MAX_SLOTS) - 1) * Int(RM_SLOT_PAYLOAD)
    var writer = RecordWriter()
    for (textBytes, fits) in [(room - 1, true), (room, true), (room + 1, false)] {
      writer.begin(rm_event_head())
      writer.append(RM_TAG_ERROR, String(repeating: "x", count: textBytes - 4))
      if fits {
        #expect(try writer.finish().count == Int(RM_RECORD_MAX_BYTES))
      } else {
        #expect(throws: CodecError.tooLong(maximumBytes: room)) { _ = try writer.finish().count }
      }
    }
    // What did not fit once is not held against the next record.
    writer.begin(rm_event_head())
    #expect(try writer.finish().count == 56)
  }

  @Test func aReportTooLongForARecordIsRefused() {
    let name = String(repeating: "j", count: Limits.nameBytes)
    let reported = (0..<Limits.reportedTasks).map { ReportedTask(task: .name("\(name)/task-\($0)"), attempt: 0) }
    let error = #expect(throws: CodecError.self) { try Record(.workerReconciled("w", reported: reported)) }
    #expect(error == .tooLong(maximumBytes: 511 * 56))
  }
}
