import CRingmaster
import EventCodec
import EventModel
import Testing

@Suite struct DamagedRowTests {
  /// A client that reads what makes no sense says so, and goes on.
  @Test func damagedRowsAreRefusedOrRead() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var vocabulary = RandomVocabulary(seed: seed)
    var writer = RecordWriter()
    var assembler = ResultAssembler(epoch: 0)
    var refused = 0
    for round in 0..<5000 {
      let row: Row =
        switch round % 5 {
        case 0: .brake(vocabulary.brakeRow())
        case 1: .deadLetter(vocabulary.deadLetterRow())
        case 2: .explanation(vocabulary.explanationRow())
        case 3: .attempt(vocabulary.attempt())
        default: .step(vocabulary.stepRow())
        }
      var record = Record(try writer.encode(row, request: 1))
      for _ in 0..<vocabulary.number(1...6) {
        // Behind the kind and the length, on which the ring depends.
        record.bytes[vocabulary.number(4...(record.bytes.count - 1))] = vocabulary.integer(0 ... .max)
      }
      do {
        _ = try record.accept(into: &assembler)
      } catch {
        refused += 1
        #expect(error.isTelling, "seed \(seed)")
      }
    }
    #expect(refused > 0)
  }
}
