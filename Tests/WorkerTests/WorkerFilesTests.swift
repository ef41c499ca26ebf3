import EventModel
import Platform
import Testing

@testable import Worker

/// What a worker keeps on the disk.
@Suite struct WorkerFilesTests {
  private let id = AttemptID(
    cluster: String(repeating: "c", count: 32), task: TaskHandle(rawValue: 1), attempt: 2, assignedMs: 3)

  @Test func aTornNoteIsNone() throws {
    var book = AttemptBook()
    book.adopt(id, .running, nil)
    let text = AttemptNote(try #require(book.entries[id])).text
    #expect(AttemptNote(text) != nil)
    for count in 0..<text.utf8.count { #expect(AttemptNote(String(text.prefix(count))) == nil) }
  }

  @Test func endsAreThereAfterALossOfPowerThatTookThePartsOfOthers() throws {
    let folder = try TemporaryFolder(prefix: "ringmaster-outcomes")
    defer { folder.remove() }
    let path = "\(folder.path)/outcomes"
    let outcome = TaskOutcome(.signal, error: "killed\nby signal 9")
    let other = AttemptID(cluster: id.cluster, task: id.task, attempt: 7, assignedMs: 3)
    var log = try OutcomeLog(path: path)
    try log.append([(id, outcome)])
    let whole = try TextFile.contents(path, maximumBytes: 4096)
    for count in 0..<whole.count - 1 {
      let file = try File.create(path)
      try file.append(String(decoding: whole.prefix(count), as: UTF8.self))
      var log = try OutcomeLog(path: path)
      #expect(log.pending.isEmpty)
      try log.append([(id, TaskOutcome(.exited, exitCode: 3))])
      #expect(try OutcomeLog(path: path).pending == [id: TaskOutcome(.exited, exitCode: 3)])
    }
    log = try OutcomeLog(path: path)
    try log.append([(id, outcome)])
    #expect(try OutcomeLog(path: path).pending == [id: TaskOutcome(.signal, error: "killed by signal 9")])
    try log.append([(other, outcome)])
    try log.remove(other)
    #expect(try OutcomeLog(path: path).pending.keys.map(\.attempt) == [id.attempt])
    try log.remove(id)
    #expect(try OutcomeLog(path: path).pending.isEmpty)
  }

  @Test func aLongLogIsWrittenAnewWithWhatIsPending() throws {
    let folder = try TemporaryFolder(prefix: "ringmaster-outcomes")
    defer { folder.remove() }
    let path = "\(folder.path)/outcomes"
    var outcome = TaskOutcome(.signal, exitCode: 7, error: String(repeating: "x", count: 250))
    (outcome.cpuNs, outcome.peakMemoryBytes) = (12_345, 1 << 30)
    let ids = (0..<20_000).map {
      AttemptID(cluster: id.cluster, task: id.task, attempt: UInt32($0), assignedMs: 3)
    }
    var log = try OutcomeLog(path: path)
    try log.append(ids.dropLast().map { ($0, outcome) })
    for id in ids.prefix(19_990) { try log.remove(id) }
    try log.append([(ids[19_999], outcome)])
    #expect(try File.open(writingTo: path).size() < 1 << 20)
    #expect(
      try OutcomeLog(path: path).pending == Dictionary(uniqueKeysWithValues: ids.suffix(10).map { ($0, outcome) }))
  }

  @Test func linesOfAProgramBeforeAndLongErrorsAreRead() throws {
    let folder = try TemporaryFolder(prefix: "ringmaster-outcomes")
    defer { folder.remove() }
    let path = "\(folder.path)/outcomes"
    try File.create(path).append("\n\(id) signal - killed by signal 9 .\n")
    #expect(try OutcomeLog(path: path).pending == [id: TaskOutcome(.signal, error: "killed by signal 9")])
    var log = try OutcomeLog(path: path)
    let error = String(repeating: "e", count: 10_000) + "\0"
    try log.append([(id, TaskOutcome(.exited, exitCode: 3, error: error))])
    let read = try #require(try OutcomeLog(path: path).pending[id])
    #expect(read.exitCode == 3 && read.error?.hasPrefix("eee") == true)
  }

  @Test func whatTheFenceIsWritingStays() throws {
    let folder = try TemporaryFolder(prefix: "ringmaster-notes")
    defer { folder.remove() }
    let notes = try AttemptNotes(folder: folder.path)
    let written = ".\(id).\(Machine.processID())"
    for name in [written, ".\(id).\(Int32.max)", "\(id)"] { _ = try File.create("\(folder.path)/\(name)") }
    #expect(try notes.readAll(cleans: true).isEmpty)
    #expect(try Folder.names(in: folder.path) == [written])
  }

  @Test func namesOfAttemptsComeBack() {
    let id = AttemptID(
      cluster: "0123456789abcdef0123456789abcdef", task: TaskHandle(rawValue: .max), attempt: .max, assignedMs: .max)
    #expect(AttemptID(id.description) == id)
    for text in ["", "a-b-c-d", "\(id)x", "\(id)-1", id.description.uppercased()] { #expect(AttemptID(text) == nil) }
  }
}
