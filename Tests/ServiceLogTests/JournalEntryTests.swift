import LogMessages
import Logging
import ServiceLog
import Testing

@Suite struct JournalEntryTests {
  private func entry(
    _ text: String, level: Logger.Level = .warning, _ metadata: Logger.Metadata = [:]
  ) -> JournalEntry {
    let event = LogEvent(
      level: level, message: "\(text)", metadata: metadata, source: nil, file: "Dispatcher/ControlLoop.swift",
      function: "refuse(_:_:)", line: 12)
    return JournalEntry(event, identifier: "ringmasterd")
  }

  private func values(_ name: String, of entry: JournalEntry) -> [String] {
    entry.fields.filter { $0.name == name }.map(\.value)
  }

  @Test func metadataAndPlaceAreFields() {
    let id = LogMessage.attachRefused.id
    let entry = entry(
      "attach refused",
      [LogMessage.metadataKey: "\(id)", "cause": "uid 7 may not attach", "uid": "7", "pid": .stringConvertible(12)])
    let expected: [JournalEntry.Field] = [
      JournalEntry.Field("MESSAGE", "attach refused: uid 7 may not attach (pid=12, uid=7)"),
      JournalEntry.Field("PRIORITY", "4"),
      JournalEntry.Field("SYSLOG_IDENTIFIER", "ringmasterd"),
      JournalEntry.Field("MESSAGE_ID", id),
      JournalEntry.Field("CODE_FILE", "Dispatcher/ControlLoop.swift"),
      JournalEntry.Field("CODE_LINE", "12"),
      JournalEntry.Field("CODE_FUNC", "refuse(_:_:)"),
      JournalEntry.Field("RINGMASTER_CAUSE", "uid 7 may not attach"),
      JournalEntry.Field("RINGMASTER_PID", "12"),
      JournalEntry.Field("RINGMASTER_UID", "7"),
    ]
    #expect(entry.fields == expected)
  }

  @Test(arguments: zip(Logger.Level.allCases, ["7", "7", "6", "5", "4", "3", "2"]))
  func levelsArePriorities(level: Logger.Level, priority: String) {
    #expect(values("PRIORITY", of: entry("x", level: level)) == [priority])
  }

  @Test(arguments: [
    ("txn", "RINGMASTER_TXN"), ("workers_lost", "RINGMASTER_WORKERS_LOST"), ("a-b.c d", "RINGMASTER_A_B_C_D"),
    ("größe", "RINGMASTER_GR__E"), ("_UID", "RINGMASTER__UID"), ("a=b\n", "RINGMASTER_A_B_"),
    (String(repeating: "x", count: 100), "RINGMASTER_" + String(repeating: "X", count: 53)),
  ])
  func keysBecomeNames(key: String, name: String) {
    #expect(JournalEntry.fieldName(key) == name)
    #expect(name.utf8.count <= 64)
  }

  @Test func noKeyIsNoField() {
    #expect(JournalEntry.fieldName("") == nil)
    #expect(!entry("x", ["": "y"]).fields.contains { $0.value == "y" })
  }

  @Test func eachElementIsAFieldOfItsOwn() {
    let entry = entry("worker failed", ["job": ["a", "b"], "size": ["cpus": "4", "bytes": "9"]])
    #expect(values("RINGMASTER_JOB", of: entry) == ["a", "b"])
    #expect(values("RINGMASTER_SIZE_CPUS", of: entry) == ["4"])
    #expect(values("RINGMASTER_SIZE_BYTES", of: entry) == ["9"])
    #expect(values("MESSAGE", of: entry) == ["worker failed (job=a, job=b, size_bytes=9, size_cpus=4)"])
  }

  @Test func textFromOutsideCannotPretend() {
    let entry = entry("peer disconnected", ["cause": "a\nPRIORITY=0\u{1B}[2J\u{202E}\u{2028}\u{7F}"])
    let written = "a\\u{A}PRIORITY=0\\u{1B}[2J\\u{202E}\\u{2028}\\u{7F}"
    #expect(values("RINGMASTER_CAUSE", of: entry) == [written])
    #expect(values("MESSAGE", of: entry) == ["peer disconnected: " + written])
    #expect(values("PRIORITY", of: entry) == ["4"])
  }

  @Test func valuesAreBounded() throws {
    let long = String(repeating: "ä", count: 10_000)
    let entry = entry(long, ["cause": .string(long), "job": .array((0..<1000).map { "\($0)" })])
    let cause = try #require(values("RINGMASTER_CAUSE", of: entry).first)
    #expect(cause.utf8.count <= JournalEntry.maximumValueBytes && cause.utf8.count > JournalEntry.maximumValueBytes - 4)
    #expect(cause.hasPrefix("ää") && cause.hasSuffix("ä…"))
    let message = try #require(values("MESSAGE", of: entry).first)
    #expect(message.utf8.count <= JournalEntry.maximumMessageBytes)
    #expect(values("RINGMASTER_JOB", of: entry).count == JournalEntry.maximumMetadataFields - 1)
  }

  @Test func anErrorIsTheCause() {
    struct Broken: Error, CustomStringConvertible { let description = "it is broken" }
    let event = LogEvent(
      level: .error, message: "cannot accept", error: Broken(), metadata: nil, source: nil, file: "a", function: "b",
      line: 1)
    #expect(values("MESSAGE", of: JournalEntry(event, identifier: "x")) == ["cannot accept: it is broken"])
  }
}
