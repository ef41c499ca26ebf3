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
    var text = ""
    dump(try Self.read(golden), to: &text)
    try Golden.expect(text.split(separator: "\n").map(String.init), of: Self.name, Self.constant)
  }

  @Test func itIsWrittenAsItIsRead() throws {
    let golden = try Golden.bytes(Self.name)
    try Golden.expect(try Self.write(try Self.read(golden)), isAs: Self.name, Self.constant)
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

  private static func sample() throws -> Snapshot {
    var history = RecordedHistory(seed: 3)
    _ = history.beginEpoch(wallMs: 1_767_225_600_000)
    _ = history.begin()
    for _ in 0..<150 { _ = history.step() }
    let origin = EventID(peer: 5, position: 8)
    let letter = DeadLetter(
      event: Event.jobCancelled("jöb", reason: "why").stamped(id: origin, timestampMs: 5), origin: origin,
      reason: .unknownEntity, detail: "nöbody")
    var letters = DeadLetterStore()
    letters.apply(
      .kept(
        KeptDeadLetter(
          number: 1, timestampMs: 5, sender: DeadLetterSender(name: "ünter", role: 2), letter: letter,
          recordBytes: 112)))
    var position = JournalPosition.start
    position.commit = commit
    position.lastRecord = 500
    position.lastTransaction = history.state.transactionLog.lastNumber
    position.hash = Array("commit".utf8).withUnsafeBytes { ChainHash(hashing: $0) }
    position.offset = 8192
    position.commitOffset = 8000
    return Snapshot(
      journal: Array(UInt8(1)...16).withUnsafeBytes { JournalID($0) }, position: position,
      stateHash: history.state.stateHash, createdMs: 1_767_225_600_000, configuration: history.state.configuration,
      ledger: history.ledger, letters: SavedDeadLetters(letters), state: history.state.save())
  }
}
