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

  /// What version 3 tells beside it is about clocks that were set back.
  @Test func theOneOfVersion2IsReadAsItWasWritten() throws {
    let lines = Self.lines(try Self.older()).filter { line in
      !["earlierAssignments", "formerTimeoutMs"].contains(where: line.contains)
    }
    let text = String(decoding: try Golden.bytes("\(Self.name).txt", version: 2), as: UTF8.self)
    #expect(lines == text.split(separator: "\n").map(String.init))
  }

  @Test func itIsWrittenAsItIsRead() throws {
    let golden = try Golden.bytes(Self.name)
    try Golden.expect(try Self.write(try Self.read(golden)), isAs: Self.name, Self.constant)
  }

  private static func older() throws -> Snapshot { try read(try Golden.bytes(name, version: 2)) }

  /// The same, and a clock that was set back while a task was on its worker.
  private static func sample() throws -> Snapshot {
    let older = try older()
    var state = ControllerState(restoring: older.state, atMs: older.state.nowMs)
    let nowMs = state.nowMs
    _ = state.handle(
      .workerRegistered(
        "w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 4000)), timestampMs: nowMs))
    _ = state.handle(.jobSubmitted("golden", request: JobRequest(), timestampMs: nowMs))
    let assigned = state.handle(.taskAssigned(.name("golden/task-0"), worker: .name("w"), timestampMs: nowMs))
    #expect(assigned.outcome == .applied)
    let corrected = state.handle(.clockCorrected(aheadMs: 1, timestampMs: nowMs - 1))
    #expect(corrected.outcome == .applied)
    var saved = state.save()
    saved.formerTimeoutMs = 60_000
    var position = older.position
    position.lastTransaction = state.transactionLog.lastNumber
    return Snapshot(
      journal: older.journal, position: position, stateHash: state.stateHash, createdMs: older.createdMs,
      configuration: older.configuration, ledger: older.ledger, letters: older.letters, state: saved)
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
