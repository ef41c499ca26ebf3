import EventJSON
import Testing

@Suite struct NDJSONReaderTests {
  private static func read(_ text: String, chunk: Int, limit: Int = 40) -> [String] {
    var lines: [String] = []
    var reader = NDJSONReader<JSONValue>(maxLineBytes: limit) { bytes throws(EventJSONError) in
      try JSONValue(parsing: bytes)
    }
    func note(_ line: NDJSONReader<JSONValue>.Line) {
      switch line.result {
      case .success(let value): lines.append("\(line.number) \(value)")
      case .failure(let error): lines.append("\(line.number) \(error.problem)")
      }
    }
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      reader.read(Array(bytes[start..<min(start + chunk, bytes.count)]), note)
    }
    reader.finish(note)
    return lines
  }

  @Test(arguments: [1, 2, 3, 7, 1000])
  func linesAreNumberedWhateverTheChunks(_ chunk: Int) {
    let long = String(repeating: "x", count: 200)
    let text = "{\"a\":1}\r\n\n \t\n{broken\n\"\(long)\"\n[2]\n3"
    #expect(
      Self.read(text, chunk: chunk) == [#"1 {"a":1}"#, "4 syntax", "5 lineTooLong", "6 [2]", "7 3"])
  }

  @Test(arguments: [1, 100])
  func theLimitIsExact(_ chunk: Int) {
    let exact = "\"" + String(repeating: "x", count: 38) + "\""
    #expect(Self.read(exact + "\n" + exact, chunk: chunk) == ["1 \(exact)", "2 \(exact)"])
    #expect(Self.read(exact + " \n1", chunk: chunk) == ["1 lineTooLong", "2 1"])
    #expect(Self.read(exact + " ", chunk: chunk) == ["1 lineTooLong"])
  }

  @Test func nothingComesOfNothing() {
    #expect(Self.read("", chunk: 1).isEmpty)
    #expect(Self.read("\n\n", chunk: 1).isEmpty)
  }
}
