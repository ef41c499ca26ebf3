import Controller
import EventBus
import EventModel
import Foundation
import JournalTestSupport
import Platform
import Testing

@testable import Journal

/// `snapshot.rms`: the state of a small cluster, its peers and dead letters.
@Suite(.serialized) struct GoldenSnapshotTests {
  private static let name = "snapshot.rms"
  private static let constant = "RM_JOURNAL_SNAPSHOT_VERSION in ringmaster_journal.h"
  private static let commit: UInt64 = 9

  @Test func itIsReadAsItWasWritten() throws {
    let golden = try Golden.file(Self.name) { try Self.write(Self.sample()) }
    try Golden.expect(Self.lines(try Self.read(golden)), of: Self.name, Self.constant)
  }

  /// Later versions tell of more: of clocks that were set back, and of sources.
  @Test(arguments: [2, 3]) func thoseOfVersionsBeforeAreReadAsTheyWereWritten(version: Int) throws {
    let later = ["- uses: ", "sources: Journal."] + (version < 3 ? ["earlierAssignments", "formerTimeoutMs"] : [])
    let lines = Self.lines(try Self.read(try Golden.bytes(Self.name, version: version))).filter { line in
      !later.contains(where: line.contains)
    }
    let text = String(decoding: try Golden.bytes("\(Self.name).txt", version: version), as: UTF8.self)
    #expect(lines == text.split(separator: "\n").map(String.init))
  }

  @Test func itIsWrittenAsItIsRead() throws {
    let golden = try Golden.bytes(Self.name)
    try Golden.expect(try Self.write(try Self.read(golden)), isAs: Self.name, Self.constant)
  }

  /// That of the version before, and what two sources have said.
  private static func sample() throws -> Snapshot {
    let older = try read(try Golden.bytes(name, version: 3))
    var sources = SourceLedger()
    for (name, sequence) in [("bridge", 7), ("nightly", 1), ("bridge", 5)] as [(String, UInt64)] {
      sources.note(
        EventSource(name: name, incarnation: 2, sequence: sequence), uid: 1000,
        .init(sequence: sequence, kind: 3, transaction: sequence * 10, isAccepted: sequence > 1))
    }
    var ledger = older.ledger
    ledger.restore(sources)
    return Snapshot(
      journal: older.journal, position: older.position, stateHash: older.stateHash, createdMs: older.createdMs,
      configuration: older.configuration, ledger: ledger, letters: older.letters, state: older.state)
  }

  private static func lines(_ snapshot: Snapshot) -> [String] {
    var text = ""
    dump(snapshot, to: &text)
    return text.split(separator: "\n").map(String.init)
  }

  private static func path(in folder: TemporaryFolder) -> URL {
    URL(filePath: "\(folder.path)/\(JournalNames.snapshot(commit: commit))")
  }

  private static func read(_ file: [UInt8]) throws -> Snapshot {
    let folder = try TemporaryFolder(prefix: "ringmaster-golden")
    defer { folder.remove() }
    try Data(file).write(to: path(in: folder))
    return try SnapshotStore.read(folder: folder.path, commit: commit)
  }

  private static func write(_ snapshot: Snapshot) throws -> [UInt8] {
    let folder = try TemporaryFolder(prefix: "ringmaster-golden")
    defer { folder.remove() }
    _ = try SnapshotStore.write(snapshot, folder: folder.path)
    return [UInt8](try Data(contentsOf: path(in: folder)))
  }
}
