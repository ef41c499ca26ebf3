import CRingmaster
import EventCodec
import EventModel
import Testing

/// Decoding whatever bytes come: an event within the limits, or an error that says what is wrong.
@Suite struct DamagedRecordTests {
  private static let cases = 50_000

  /// A limit that `body` breaks though it was decoded; nil when it breaks none.
  private func brokenLimit(_ body: Event.Body) -> String? {
    switch body {
    case .workerRegistered(let registration):
      if registration.metadata.attributes.count > Limits.metadataEntries { return "attributes" }
      if !registration.metadata.capacity.isWithinLimits { return "capacity" }
      return (1...Limits.nameBytes).contains(registration.name.utf8.count) ? nil : "name"
    case .workerReconciled(_, let reported): return reported.count <= Limits.reportedTasks ? nil : "reported"
    case .jobSubmitted(let name, let request):
      if !request.resources.isWithinLimits { return "resources" }
      if let timeoutMs = request.schedulingTimeoutMs, !Limits.timeMs.contains(timeoutMs) { return "timeout" }
      let budgets = [request.maxRetriesFailure, request.maxRetriesPreemption, request.maxTaskFailures]
      if !budgets.allSatisfy(Limits.retries.contains) { return "retries" }
      return (1...Limits.nameBytes).contains(name.utf8.count) ? nil : "name"
    case .jobCancelled(_, let reason): return reason.utf8.count <= Limits.errorBytes ? nil : "reason"
    case .taskStateChanged(let report): return (report.error ?? "").utf8.count <= Limits.errorBytes ? nil : "error"
    default: return nil
    }
  }

  private struct Tally {
    var decoded = 0
    var refused = 0
  }

  private func check(_ record: Record, _ seed: UInt64, _ tally: inout Tally) {
    let body: Event.Body
    do throws(CodecError) {
      body = try record.decodeEvent()
    } catch {
      if !error.isTelling { Issue.record("seed \(seed): \(error)") }
      tally.refused += 1
      return
    }
    tally.decoded += 1
    if let limit = brokenLimit(body) { Issue.record("seed \(seed): \(limit) in \(body)") }
    // What was understood can be said again.
    do {
      let again = try Record(Event(body: body)).decodeEvent()
      if again != body { Issue.record("seed \(seed): \(body) became \(again)") }
    } catch {
      Issue.record("seed \(seed): \(body) cannot be said again: \(error)")
    }
  }

  @Test func singleBitFlipsOfEvents() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var records: [Record] = []
    while records.count < 400 {
      let kind = EventKind.allCases[records.count % EventKind.allCases.count]
      let record = try Record(Event(body: vocabulary.body(kind)))
      if record.slots < 20 || records.count % 97 == 0 { records.append(record) }
    }
    var tally = Tally()
    for number in 0..<Self.cases {
      var record = records[number % records.count]
      let bit = vocabulary.number(0...(record.bytes.count * 8 - 1))
      record.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      check(record, seed, &tally)
    }
    #expect(tally.decoded > Self.cases / 20, "seed \(seed)")
    #expect(tally.refused > Self.cases / 20, "seed \(seed)")
  }

  @Test func randomBytesAsEvents() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var tally = Tally()
    for _ in 0..<Self.cases {
      var head = rm_event_head()
      withUnsafeMutableBytes(of: &head) { bytes in
        for index in bytes.indices { bytes[index] = vocabulary.integer(0 ... .max) }
      }
      if vocabulary.chance(2) { head.kind = UInt8(vocabulary.number(1...14)) }
      if vocabulary.chance(2) { head.state = UInt8(vocabulary.number(0...11)) }
      var record = try Record(head) { writer in
        for _ in 0..<vocabulary.number(0...6) {
          let bytes: [UInt8] = (0..<vocabulary.number(0...40)).map { _ in UInt8(vocabulary.number(0...160)) }
          bytes.withUnsafeBytes { writer.append(UInt32(vocabulary.number(0...24)), $0) }
        }
      }
      if vocabulary.chance(4) { record.bytes[4] = vocabulary.integer(0 ... .max) }
      check(record, seed, &tally)
    }
    #expect(tally.decoded > 100, "seed \(seed)")
    #expect(tally.refused > Self.cases / 2, "seed \(seed)")
  }

  @Test func singleBitFlipsOfResults() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var encoder = ResultEncoder()
    var records: [Record] = []
    for _ in 0..<60 {
      let result = vocabulary.result()
      for index in 0..<ResultEncoder.recordCount(of: result) {
        records.append(Record(try encoder.encode(result, record: index)))
      }
    }
    var assembler = ResultAssembler(epoch: 0)
    var tally = Tally()
    for number in 0..<Self.cases {
      var record = records[number % records.count]
      let bit = vocabulary.number(0...(record.bytes.count * 8 - 1))
      record.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      do throws(CodecError) {
        _ = try record.accept(into: &assembler)
        tally.decoded += 1
      } catch {
        if !error.isTelling { Issue.record("seed \(seed): \(error)") }
        tally.refused += 1
      }
    }
    #expect(tally.decoded > Self.cases / 20, "seed \(seed)")
    #expect(tally.refused > Self.cases / 50, "seed \(seed)")
  }
}
