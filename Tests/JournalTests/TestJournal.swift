import Controller
import EventModel
import Glibc
import Platform
import Testing

@testable import Journal

/// A folder with a journal in it, which goes at the end of the test.
final class TestJournal {
  let folder: String
  var configuration = JournalConfiguration()

  /// - Parameter queuePages: pages of the queue; a segment has room for one commit of it and as much again.
  init(queuePages: Int = 8) throws {
    folder = try TemporaryFolder(prefix: "ringmaster-journal").path
    configuration.queueBytes = max(queuePages * 4096, JournalConfiguration.minimumQueueBytes)
    configuration.segmentBytes = 2 * configuration.queueBytes + 2 * 4096
  }

  deinit {
    TemporaryFolder.removeAll(in: folder)
  }

  /// Recovers and opens it for writing.
  func open(calls: JournalFileCalls = .system) throws -> JournalWriter {
    let lock = try JournalLock.take(folder: folder, calls: calls)
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    let end = try reader.findEnd()
    return try JournalWriter.open(lock, at: end, configuration: configuration)
  }

  /// All commits and the end, as recovery finds them.
  func recover(_ mode: JournalReader.Mode = .recover) throws -> (commits: [JournalCommit], end: JournalEnd) {
    var reader = try JournalReader.open(folder: folder, mode: mode)
    var commits: [JournalCommit] = []
    let end = try reader.findEnd { commits.append($0) }
    return (commits, end)
  }

  var segmentPaths: [String] {
    get throws {
      try Folder.names(in: folder).filter { JournalNames.firstCommit(ofSegment: $0) != nil }.map { "\(folder)/\($0)" }
    }
  }

  /// A copy of the whole journal in a folder of its own.
  func copy() throws -> TestJournal {
    let copy = try TestJournal()
    copy.configuration = configuration
    for name in try Folder.names(in: folder) where name != JournalNames.lock {
      try writeFile("\(copy.folder)/\(name)", try readFile("\(folder)/\(name)"))
    }
    return copy
  }
}

extension TemporaryFolder {
  static func removeAll(in path: String) {
    for name in (try? Folder.names(in: path)) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

func readFile(_ path: String) throws -> [UInt8] {
  let file = try File.open(readingFrom: path)
  var bytes = [UInt8](repeating: 0, count: try file.size())
  let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
  #expect(count == bytes.count)
  return bytes
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  let file = try File.create(path)
  try bytes.withUnsafeBytes { try JournalFileCalls.system.writeAll($0, to: file.rawDescriptor, at: 0) }
}

/// A file in which single bytes are changed.
struct Scribbler: ~Copyable {
  private let file: File

  init(_ path: String) throws {
    file = try File.open(writingTo: path)
  }

  func write(_ byte: UInt8, at offset: Int) throws {
    try withUnsafeBytes(of: byte) { try JournalFileCalls.system.writeAll($0, to: file.rawDescriptor, at: offset) }
  }

  func truncate(to bytes: Int) throws {
    try #require(ftruncate(file.rawDescriptor, bytes) == 0)
  }
}

/// An event that some peer sent.
func sampleRecord(_ number: UInt64, text: String = "because") -> JournalRecord {
  .event(
    JournaledEvent(
      Event.jobCancelled(.name("job-\(number)"), reason: text).stamped(
        id: EventID(peer: 1, position: number), timestampMs: 1000 + Int64(number)),
      slots: 2, wantsResult: number % 2 == 0))
}

extension JournalAppender {
  /// Appends the records and ends their turn.
  mutating func turn(_ records: [JournalRecord], stateHash: UInt64 = 0, lastTransaction: UInt64 = 0) throws {
    for record in records {
      let number = try append(record)
      try #require(number != nil, "the queue is full")
    }
    seal(stateHash: stateHash, lastTransaction: lastTransaction, timeMs: 0)
  }
}

extension JournalCommit {
  /// Its records but for the ends of turns.
  var content: [JournalRecord] {
    records().filter { if case .turn = $0 { false } else { true } }
  }
}

/// A point in time that a test which is alive never reaches.
struct Deadline {
  private let endNs = Clock.monotonicNs() + 60_000_000_000

  var isOver: Bool { Clock.monotonicNs() > endNs }
}

/// `#expect` for conditions on values that cannot be copied, and for calls that change something.
func expect(
  _ condition: Bool, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(condition, comment, sourceLocation: sourceLocation)
}
