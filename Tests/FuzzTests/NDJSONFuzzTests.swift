import CAllocationCounter
import EventJSON
import EventModel
import Testing

/// Damaged streams of NDJSON: each line ends as a step or as an error, wherever the stream is cut into chunks.
@Suite struct NDJSONFuzzTests {
  private static let words = [
    "null", "true", "1e400", "-0", "0.0001", "18446744073709551616", "\"", "\\u0000", "\\ud800", "\\", "{", "[", "]",
    "}", ",", ":", "\n", "\r\n", "#1.1", "\"error\":", "\"type\":\"TICK\"", "\u{1F600}", "\u{0}",
    String(repeating: "[", count: 40), String(repeating: "9", count: 70), String(repeating: "a", count: 300),
  ]

  private struct Reading: Equatable {
    var texts: [String] = []
    var steps = 0

    mutating func note(_ line: NDJSONReader<ScriptStep>.Line) {
      switch line.result {
      case .success(let step):
        steps += 1
        texts.append("\(line.number) \(step)")
      case .failure(let error): texts.append("\(line.number) \(error)")
      }
    }
  }

  private static func reader() -> NDJSONReader<ScriptStep> {
    NDJSONReader<ScriptStep> { line throws(EventJSONError) in try ScriptStep(from: line) }
  }

  private static func read(_ bytes: [UInt8], chunk: Int) -> Reading {
    var reading = Reading()
    var reader = reader()
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      reader.read(Array(bytes[start..<min(start + chunk, bytes.count)])) { reading.note($0) }
    }
    reader.finish { reading.note($0) }
    return reading
  }

  @Test func damagedStreams() {
    let lines = SampleTraffic().steps.map { Array($0.json.text.utf8) + [0x0A] }
    let streams = stride(from: 0, to: lines.count - 3, by: 3).map { Array(lines[$0..<$0 + 3].joined()) }
    var mutator = ByteMutator(seed: FuzzBudget.seed, corpus: streams, words: Self.words)
    var readings = Reading()
    let inputs = FuzzBudget.spend { number in
      let bytes = mutator.next()
      let before = allocation_count_of_this_thread()
      let whole = Self.read(bytes, chunk: max(bytes.count, 1))
      let allocations = allocation_count_of_this_thread() - before
      let pieces = Self.read(bytes, chunk: 1 + mutator.random.below(40))
      readings.steps += whole.steps
      readings.texts.append(contentsOf: whole.texts.prefix(number < 1000 ? 1 : 0))
      guard whole == pieces, allocations <= 2000 + 8 * UInt64(bytes.count) else {
        Issue.record(
          """
          RINGMASTER_FUZZ_SEED=\(FuzzBudget.seed), input \(number): \(allocations) allocations, whole \(whole.texts), \
          in pieces \(pieces.texts): \(String(decoding: bytes, as: UTF8.self))
          """)
        return false
      }
      return true
    }
    #expect(readings.steps > inputs / 4, "\(readings.steps) steps of \(inputs) inputs")
  }

  @Test func aLineWithoutEndIsRefusedOnce() {
    let chunk = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 16)
    var reader = Self.reader()
    var reading = Reading()
    for _ in 0..<(2 * JSONLimits.lineBytes / chunk.count) { reader.read(chunk) { reading.note($0) } }
    #expect(reading.texts.isEmpty)
    reader.read(Array("\n{\"type\":\"PRUNE\",\"now_ms\":1}".utf8)) { reading.note($0) }
    #expect(reading.texts.count == 1 && reading.steps == 0)
    #expect(reading.texts.first?.contains("\(JSONLimits.lineBytes)") == true)
    reader.finish { reading.note($0) }
    #expect(reading.texts.count == 2 && reading.steps == 1)
  }

  /// The longest line there may be, full of what costs most for its length.
  @Test(.timeLimit(.minutes(10)), arguments: ["[", "{\"a\":", "0,", "\"\",", "\\u0041", "[],", "{},"])
  func theLongestLinesEndInTime(piece: String) {
    let count = (JSONLimits.lineBytes - 2) / piece.utf8.count
    for opening in ["[", "\"", ""] {
      let bytes = Array((opening + String(repeating: piece, count: count)).utf8.prefix(JSONLimits.lineBytes))
      let reading = Self.read(bytes, chunk: bytes.count)
      #expect(reading.texts.count == 1 && reading.steps == 0, "\(opening)\(piece)…")
    }
  }
}
