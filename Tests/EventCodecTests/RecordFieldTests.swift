import CRingmaster
import EventCodec
import EventModel
import Testing

/// Every field of every event in a record: out of range, of a wrong form, missing, twice, or of another event. A field that
/// the decoder takes and the table of `RecordEvent` does not have fails here too.
@Suite struct RecordFieldTests {
  /// A record taken apart.
  private struct Parts {
    var head: [UInt8]
    var fields: [(tag: UInt32, bytes: [UInt8])] = []

    init(_ record: Record) throws {
      let headBytes = Int(RM_SLOT_PAYLOAD)
      head = Array(record.bytes[..<headBytes])
      try record.bytes[headBytes...].prefix(record.textBytes).withUnsafeBytes { text in
        var reader = FieldReader(text)
        while let field = try reader.next() { fields.append((field.tag, Array(field.bytes))) }
      }
    }

    mutating func put(_ value: Int64, _ field: NumberField) { Self.put(value, field, into: &head) }

    static func put(_ value: Int64, _ field: NumberField, into bytes: inout [UInt8]) {
      withUnsafeBytes(of: value.littleEndian) {
        bytes.replaceSubrange(field.offset..<field.offset + field.size, with: $0[..<field.size])
      }
    }

    func decode() throws -> Result<Event.Body, CodecError> {
      let head = head.withUnsafeBytes { $0.loadUnaligned(as: rm_event_head.self) }
      let record = try Record(head) { writer in
        for field in fields { field.bytes.withUnsafeBytes { writer.append(field.tag, $0) } }
      }
      do throws(CodecError) { return .success(try record.decodeEvent()) } catch { return .failure(error) }
    }

    func refusedField() throws -> String? {
      guard case .failure(let error) = try decode() else { return nil }
      #expect(error.isTelling)
      return error.field
    }
  }

  @Test func everyKindIsHereWithAllItsFields() throws {
    #expect(Set(RecordEvent.all.map(\.event.kind)) == Set(EventKind.allCases))
    for example in RecordEvent.all {
      let parts = try Parts(Record(example.event))
      #expect(try parts.decode() == .success(example.event.body))
      let missing = Set(example.fields.map(\.tag)).subtracting(parts.fields.map(\.tag))
      // What a worker that timed out has for an error is not said by its record.
      #expect(missing.isEmpty || missing == [RM_TAG_ERROR], "\(example.testDescription)")
    }
    let numbers = RecordEvent.jobNumbers
    #expect(numbers.reduce(0) { $0 + $1.size } == MemoryLayout<rm_job_numbers>.size)
  }

  @Test(arguments: RecordEvent.all)
  func wrongTextsAreRefusedByName(_ example: RecordEvent) throws {
    let good = try Parts(Record(example.event))
    for field in example.fields {
      guard let place = good.fields.firstIndex(where: { $0.tag == field.tag }) else { continue }
      for wrong in field.form.wrong {
        var bad = good
        bad.fields[place].bytes = wrong
        let refused = try bad.refusedField()
        #expect(refused == field.name, "\(field.name) takes \(wrong.prefix(20)): \(refused ?? "accepted")")
      }
      var without = good
      without.fields.remove(at: place)
      #expect(try without.refusedField() == (field.isRequired ? field.name : nil), "without \(field.name)")
    }
  }

  @Test(arguments: RecordEvent.all)
  func fieldsOfOtherEventsAndRepeatedOnesAreRefused(_ example: RecordEvent) throws {
    let good = try Parts(Record(example.event))
    let repeatable = [
      RM_TAG_ATTRIBUTE_KEY, RM_TAG_ATTRIBUTE_VALUE, RM_TAG_REPORTED_TASK, RM_TAG_REPORTED_NAME, RM_TAG_DEVICE,
      RM_TAG_CONSTRAINT,
    ]
    for tag in UInt32(0)...64 {
      var more = good
      if example.fields.contains(where: { $0.tag == tag }) {
        guard !repeatable.contains(tag), let field = good.fields.first(where: { $0.tag == tag }) else { continue }
        more.fields.append(field)
        #expect(try more.refusedField() == "text", "tag \(tag) twice")
      } else {
        for size in [1, 4, 8, 12, 16, 32] {
          more.fields = good.fields + [(tag, Array(repeating: 0x61, count: size))]
          let refused = try more.refusedField()
          #expect(refused != nil, "\(example.testDescription) takes tag \(tag), which has no case here")
        }
      }
    }
  }

  @Test(arguments: RecordEvent.all)
  func wrongNumbersAreRefusedByName(_ example: RecordEvent) throws {
    let good = try Parts(Record(example.event))
    for field in example.head {
      for wrong in field.wrong {
        var bad = good
        bad.put(wrong, field)
        let refused = try bad.refusedField()
        let isCensus = field.name == "workers" && refused == "silent_workers"
        #expect(refused == field.name || isCensus, "\(field.name) = \(wrong): \(refused ?? "accepted")")
      }
    }
    guard let place = good.fields.firstIndex(where: { $0.tag == RM_TAG_JOB_NUMBERS }) else { return }
    for field in RecordEvent.jobNumbers {
      for wrong in field.wrong {
        var bad = good
        Parts.put(wrong, field, into: &bad.fields[place].bytes)
        #expect(try bad.refusedField() == field.name, "\(field.name) = \(wrong)")
      }
    }
  }

  /// Whatever byte of the head makes a difference belongs to a field of the table, and an error names that.
  @Test(arguments: RecordEvent.all)
  func noByteOfTheHeadCountsUnseen(_ example: RecordEvent) throws {
    let record = try Record(example.event)
    let good = try Parts(record)
    let flags = MemoryLayout<rm_event_head>.offset(of: \.flags)!
    let framing = Set(0..<flags).union(2..<6)
    for offset in 0..<MemoryLayout<rm_event_head>.size where !framing.contains(offset) {
      for change in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF] as [UInt8] {
        var changed = good
        changed.head[offset] ^= change
        let result = try changed.decode()
        if result == .success(example.event.body) { continue }
        if offset == flags {
          let unknown = UInt32(changed.head[offset]) & ~example.flags
          if unknown != 0 { #expect(try changed.refusedField() == "flags") }
          continue
        }
        let field = example.head.first { ($0.offset..<$0.offset + $0.size).contains(offset) }
        let known = try #require(field, "byte \(offset) of the head of \(example.testDescription) has no case here")
        if case .failure(let error) = result {
          let isCensus = known.name == "workers" && error.field == "silent_workers"
          #expect(error.field == known.name || isCensus)
        }
      }
    }
  }
}
