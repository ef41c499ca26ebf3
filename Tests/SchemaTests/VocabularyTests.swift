import CRingmaster
import EventCodec
import EventJSON
import EventModel
import Foundation
import Schema
import Testing

@Suite struct VocabularyTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func vocabulary(_ change: (String) -> String = { $0 }) throws -> Vocabulary {
    let file = root.appending(path: "Sources/Schema/vocabulary.toml")
    return try Vocabulary(change(String(contentsOf: file, encoding: .utf8)))
  }

  @Test func everyFileIsWhatFollowsFromTheVocabulary() throws {
    for output in try Self.vocabulary().outputs() {
      let text = try String(contentsOf: Self.root.appending(path: output.path), encoding: .utf8)
      #expect(text == output.text, "\(output.path) is not what follows from the vocabulary: run `swift run ringschema`")
    }
  }

  /// The C compiler checks the sizes and the lack of gaps; here, that Python's formats come to the same sizes.
  @Test(.enabled(if: hasPython)) func pythonReadsTheStructs() throws {
    let script = """
      v, calcsize = __import__("vocabulary"), __import__("struct").calcsize
      names = [name[:-7] for name in dir(v) if name.endswith("_FORMAT")]
      for name in names:
          assert calcsize(getattr(v, name + "_FORMAT")) == getattr(v, name + "_SIZE"), name
      print(len(names) > 20, v.EVENT_HEAD_SIZE, int(v.Result.TRANSACTION))
      """
    #expect(try Self.python(script) == "True 56 1\n")
  }

  /// Structs have no gaps, and what a record names of its head is there.
  @Test(arguments: [
    ("c = \"uint8_t\", meaning = \"RM_FLAG_*\"", "c = \"uint32_t\", meaning = \"RM_FLAG_*\""),
    ("type = \"Cause\", head = \"cause\"", "type = \"Cause\", head = \"because\""),
    ("ring = \"submission\"", "ring = \"any\""), ("head = \"rm_result_head\"", "head = \"rm_head\""),
    ("code = 129\nname = \"SUBSCRIBE\"", "code = 128\nname = \"SUBSCRIBE\""),
    ("code = 128\nname = \"QUERY\"", "code = 19\nname = \"QUERY\""),
  ]) func aRecordThatCannotBeIsRefused(part: String, other: String) {
    #expect(throws: VocabularyError.self) { try Self.vocabulary { $0.replacing(part, with: other) } }
  }

  private static let hasPython = (try? python("print(3)")) == "3\n"

  private static func python(_ script: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let module = root.appending(path: "Sources/python/ringmaster").path
    process.arguments = ["PYTHONPATH=\(module)", "python3", "-B", "-c", script]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    defer { process.waitUntilExit() }
    return String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }

  /// The line that the reference page shows for each kind is that event, in JSON and in a record.
  @Test func examplesAreTheirEvents() throws {
    let lines = try Self.vocabulary().examples
    #expect(lines.map(\.kind) == EventKind.allCases.map(\.name))
    for (kind, line) in lines {
      let event = try EventJSONDecoder(speaker: .dispatcher).event(from: Array(line.utf8))
      #expect(event.kind.name == kind)
      #expect(event.json.text == line)
      var writer = RecordWriter()
      let record = try writer.encode(event)
      let head = record.loadUnaligned(as: rm_event_head.self)
      let text = UnsafeRawBufferPointer(rebasing: record[MemoryLayout<rm_event_head>.size...])
      #expect(try EventDecoder.decode(head, text: text, isNew: true) == event.body)
    }
  }

  /// In the header and in the manual.
  @Test func whatCameLaterSaysSo() throws {
    let later = try Self.vocabulary {
      $0.replacing("code = 3\nname = \"ADDRESS\"", with: "code = 3\nsince = 3\nname = \"ADDRESS\"")
        .replacing("tag = \"INCARNATION\",", with: "tag = \"INCARNATION\", since = 4,")
    }.outputs()
    let header = try #require(later.first { $0.path.hasSuffix("vocabulary.h") }?.text)
    #expect(header.contains("RM_TAG_ADDRESS 3u  // where a worker can be reached (since version 3)"))
    #expect(try #require(later.first { $0.path.hasSuffix("records.h") }?.text).contains("(since version 4)"))
    let page = try #require(later.first { $0.path.hasSuffix(".7") }?.text)
    #expect(page.contains("(since version 4)") && !page.contains("(since version 2)"))
  }

  /// A field that a job gains is behind the others in snapshots, and old archives get its column.
  @Test func aLaterFieldOfAJobLeavesWhatWasWrittenReadable() throws {
    let later = try Self.vocabulary {
      $0.replacing("{ name = \"owner\", in = \"request\",", with: "{ name = \"owner\", in = \"request\", since = 3,")
    }.outputs()
    let snapshot = try #require(later.first { $0.path.contains("Snapshot+Entities") }?.text)
    #expect(snapshot.contains("let owner: String? = offset < end ? try optionalPlainText() : nil\n    try leave("))
    let columns = try #require(later.first { $0.path.contains("JobRequest+Columns") }?.text)
    #expect(columns.contains("\"ALTER TABLE jobs ADD COLUMN owner TEXT;"))
    #expect(columns.components(separatedBy: "owner TEXT").count == 2 && columns.contains(", specification, owner\""))
  }

  /// One that programs must know has a bit, and so has one that they may skip.
  @Test(arguments: [0, 32, 0x7fff, 0x8020]) func aTagOutsideItsRangesIsRefused(code: Int) {
    #expect(throws: VocabularyError.self) {
      try Self.vocabulary {
        $0.replacing("code = 3\nname = \"ADDRESS\"", with: "code = \(code)\nname = \"ADDRESS\"")
      }
    }
  }

  @Test func aCodeGivenTwiceIsRefused() {
    #expect(throws: VocabularyError.self) {
      try Self.vocabulary {
        $0.replacing("code = 18\nname = \"BRAKE_OVERRIDDEN\"", with: "code = 17\nname = \"BRAKE_OVERRIDDEN\"")
      }
    }
    #expect(throws: VocabularyError.self) {
      try Self.vocabulary { $0.replacing("tag = \"ENDPOINT\"", with: "tag = \"ENDPOINTS\"") }
    }
    #expect(throws: VocabularyError.self) {
      try Self.vocabulary { $0.replacing("from = \"clock\"", with: "from = \"anyone\"") }
    }
  }
}
