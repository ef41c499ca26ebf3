import CAllocationCounter
import CRingmaster
import EventCodec
import EventModel
import SeededRandom
import Testing

/// Damaged records: whatever comes, the decoder ends with an event or an error, and allocates in proportion to it.
@Suite struct RecordFuzzTests {
  private static let headBytes = Int(RM_SLOT_PAYLOAD)
  /// Allocations that an input may cost besides one for each few of its bytes: names, errors, arrays that grow.
  private static let allocations: UInt64 = 64

  private static let tags = (1...22).map { tag in String(decoding: [UInt8(tag), 0, 3, 0], as: UTF8.self) + "abc" }

  /// Calls `body` with the head and with a copy of the text that ends where its memory ends, so that a checker of
  /// memory sees a read beyond it. False when it costs more allocations than `bytes` may.
  private func isFrugal(_ bytes: [UInt8], _ body: (rm_payload, UnsafeRawBufferPointer) -> Void) -> Bool {
    let whole = bytes + Array(repeating: 0, count: max(0, Self.headBytes - bytes.count))
    let head = whole.withUnsafeBytes { $0.loadUnaligned(as: rm_payload.self) }
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: whole.count - Self.headBytes, alignment: 1)
    defer { text.deallocate() }
    text.copyBytes(from: whole[Self.headBytes...])
    let before = allocation_count_of_this_thread()
    body(head, UnsafeRawBufferPointer(text))
    return allocation_count_of_this_thread() - before <= Self.allocations + UInt64(whole.count)
  }

  private func report(_ number: Int, _ bytes: [UInt8], _ complaint: String) {
    let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    Issue.record("RINGMASTER_FUZZ_SEED=\(FuzzBudget.seed), input \(number), \(complaint): \(hex)")
  }

  @Test func eventsOfDamagedRecords() throws {
    var writer = RecordWriter()
    var corpus: [[UInt8]] = []
    for case .event(let event) in SampleTraffic().steps { corpus.append(Array(try writer.encode(event))) }
    var mutator = ByteMutator(seed: FuzzBudget.seed, corpus: corpus, words: Self.tags)
    var decoded = 0
    let inputs = FuzzBudget.spend { number in
      let bytes = mutator.next()
      var body: Event.Body?
      let isFrugal = isFrugal(bytes) { payload, text in
        body = try? EventDecoder.decode(unsafeBitCast(payload, to: rm_event_head.self), text: text)
      }
      if !isFrugal { report(number, bytes, "too many allocations") }
      decoded += body == nil ? 0 : 1
      return isFrugal
    }
    #expect(decoded > inputs / 50 && decoded < inputs, "\(decoded) of \(inputs) inputs are events")
  }

  @Test func resultsOfDamagedRecords() throws {
    var encoder = ResultEncoder()
    var corpus: [[UInt8]] = []
    for result in SampleTraffic(stepsPerProfile: 40).results {
      for index in 0..<ResultEncoder.recordCount(of: result) {
        corpus.append(Array(try encoder.encode(result, record: index)))
      }
    }
    var mutator = ByteMutator(seed: FuzzBudget.seed, corpus: corpus, words: Self.tags)
    var assembler = ResultAssembler(epoch: 0)
    var messages = 0
    let inputs = FuzzBudget.spend { number in
      // Some of them whole, or nothing would ever be complete.
      let bytes = number % 3 == 0 ? corpus[number / 3 % corpus.count] : mutator.next()
      var message: ResultMessage?
      let isFrugal = isFrugal(bytes) { payload, text in message = try? assembler.accept(payload, text: text) }
      if !isFrugal { report(number, bytes, "too many allocations") }
      messages += message == nil ? 0 : 1
      return isFrugal
    }
    #expect(messages > inputs / 50 && messages < inputs, "\(messages) messages of \(inputs) inputs")
  }

  /// A count of four thousand million actions is believed only as far as they come.
  @Test func aPromiseOfActionsReservesNothing() throws {
    let transaction = try #require(SampleTraffic(stepsPerProfile: 20).results.first { $0.transaction != nil })
    var encoder = ResultEncoder()
    var bytes = Array(try encoder.encode(transaction, record: 0))
    let offset = try #require(MemoryLayout<rm_transaction_head>.offset(of: \.action_count))
    for index in 0..<8 { bytes[offset + index] = 0xFF }
    var assembler = ResultAssembler(epoch: 0)
    var isRefusedOrPending = false
    let isFrugal = isFrugal(bytes) { payload, text in
      isRefusedOrPending = ((try? assembler.accept(payload, text: text)) ?? nil) == nil
    }
    #expect(isRefusedOrPending)
    #expect(isFrugal)
  }

  @Test func fieldsOfAnyBytes() {
    var random = SeededGenerator(seed: FuzzBudget.seed)
    var fields = 0
    FuzzBudget.spend { number in
      var bytes = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
      // Small lengths, or hardly a field would end within the text.
      for index in bytes.indices where index % 4 == 3 && random.chance(80) { bytes[index] = 0 }
      var isOrderly = true
      _ = isFrugal(Array(repeating: 0, count: Self.headBytes) + bytes) { _, text in
        var reader = FieldReader(text)
        var end = text.startIndex
        while let field = (try? reader.next()) ?? nil {
          fields += 1
          end += MemoryLayout<rm_field>.size + field.bytes.count
          isOrderly = isOrderly && end <= text.count
          _ = try? field.text("any", limit: 20)
          _ = try? field.value("any", as: UInt64.self)
        }
      }
      if !isOrderly { report(number, bytes, "a field ends beyond its text") }
      return isOrderly
    }
    #expect(fields > 1000)
  }
}
