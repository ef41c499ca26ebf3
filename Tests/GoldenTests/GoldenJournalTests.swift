import Controller
import EventBus
import EventJSON
import EventModel
import Foundation
import Platform
import Schema
import Testing

@testable import Journal

/// `journal.rmj`: a segment with every kind of event and every kind of record.
@Suite(.serialized) struct GoldenJournalTests {
  private static let name = "journal.rmj"
  private static let constant = "RM_JOURNAL_VERSION in ringmaster_journal.h"
  private static let createdMs: Int64 = 1_767_225_600_000
  private static let journal = Array(UInt8(1)...16).withUnsafeBytes { JournalID($0) }

  /// A commit's records but the end of its turn.
  private struct Content {
    var records: [JournalRecord]
    var stateHash: UInt64
    var lastTransaction: UInt64
    var timeMs: Int64
  }

  @Test func itIsReadAsItWasWritten() throws {
    let golden = try Golden.file(Self.name) { try Self.write(Self.samples()) }
    let commits = try Self.read(golden)
    let lines = commits.flatMap { commit in
      [
        "commit \(commit.number) of record \(commit.firstRecord), state \(commit.stateHash), transaction "
          + "\(commit.lastTransaction), \(commit.timeMs) ms"
      ] + commit.records().map { "  " + Self.text($0) }
    }
    try Golden.expect(lines, of: Self.name, Self.constant)
  }

  @Test func itIsWrittenAsItIsRead() throws {
    let contents = try Self.read(try Golden.bytes(Self.name)).map { commit in
      Content(
        records: commit.records().filter {
          switch $0 {
          case .turn, .salvaged: false
          default: true
          }
        }, stateHash: commit.stateHash, lastTransaction: commit.lastTransaction, timeMs: commit.timeMs)
    }
    try Golden.expect(try Self.write(contents), isAs: Self.name, Self.constant)
  }

  /// A journal with one that is not in it would be damaged for programs of this version.
  @Test func itHasEveryKindOfEventAndRecord() throws {
    let records = try Self.read(try Golden.bytes(Self.name)).flatMap { $0.records() }
    let events = records.compactMap { record -> EventKind? in
      if case .event(let journaled) = record { journaled.event.kind } else { nil }
    }
    let missing = Set(EventKind.allCases).subtracting(events)
    #expect(missing.isEmpty, "a new kind of event needs a new version of the journal: \(Self.constant)")
    #expect(Set(records.map(Self.kind)).count == 11)
  }

  private static func read(_ file: [UInt8]) throws -> [JournalCommit] {
    let folder = try TemporaryFolder(prefix: "ringmaster-golden")
    defer { folder.remove() }
    try Data(file).write(to: URL(filePath: "\(folder.path)/\(JournalNames.segment(firstCommit: 1))"))
    var reader = try JournalReader.open(folder: folder.path, mode: .recover)
    var commits: [JournalCommit] = []
    _ = try reader.findEnd { commits.append($0) }
    return commits
  }

  /// Writes a journal that begins with a salvage, since such a one can be given its id.
  ///
  /// - Returns: its segment, without the zeros at its end.
  private static func write(_ contents: [Content]) throws -> [UInt8] {
    let folder = try TemporaryFolder(prefix: "ringmaster-golden")
    defer { folder.remove() }
    var calls = JournalFileCalls.system
    calls.wallMs = { createdMs }
    var configuration = JournalConfiguration()
    configuration.queueBytes = 64 << 10
    configuration.segmentBytes = 128 << 10
    let end = JournalEnd(
      position: .start, tornBytes: 0, journal: journal, segmentNumber: 0, segmentBytes: configuration.segmentBytes,
      salvage: JournaledSalvage(lastCommit: 0, lastTransaction: 0))
    var writer = try JournalWriter.open(
      try JournalLock.take(folder: folder.path, calls: calls), at: end, configuration: configuration)
    var appender = writer.appender()
    var committer = writer.committer()
    for content in contents {
      for record in content.records {
        let number = try appender.append(record)
        #expect(number != nil)
      }
      appender.seal(
        stateHash: content.stateHash, lastTransaction: content.lastTransaction, timeMs: content.timeMs)
      let progress = committer.turn()
      #expect(progress == .committed)
    }
    let segment = [UInt8](
      try Data(contentsOf: URL(filePath: "\(folder.path)/\(JournalNames.segment(firstCommit: 1))")))
    let used = (segment.lastIndex { $0 != 0 } ?? -1) + 1
    return Array(segment[..<(JournalFormat.padded(used, to: JournalFormat.alignment))])
  }

  private static func kind(_ record: JournalRecord) -> String {
    switch record {
    case .event: "event"
    case .unhandled: "unhandled"
    case .skipped: "skipped"
    case .peerAttached: "peer attached"
    case .peerRemoved: "peer removed"
    case .configured: "configured"
    case .started: "started"
    case .peerNumbers: "peer numbers"
    case .salvaged: "salvaged"
    case .letter: "letter"
    case .turn: "turn"
    }
  }

  private static func text(_ record: JournalRecord) -> String {
    func text(_ journaled: JournaledEvent) -> String {
      "\(journaled.event.id), \(journaled.slots) slots, result \(journaled.wantsResult): \(journaled.event.json.text)"
    }
    return switch record {
    case .event(let journaled): "event \(text(journaled))"
    case .unhandled(let journaled, let why): "unhandled \(why) \(text(journaled))"
    default: "\(kind(record)): \(record)"
    }
  }

  // MARK: What a new file is made of

  private static func samples() throws -> [Content] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Sources/Schema/vocabulary.toml")
    let examples = try Vocabulary(String(contentsOf: file, encoding: .utf8)).examples
    var position: UInt64 = 0
    let events = try examples.map { example -> JournalRecord in
      position += 4
      let event = try EventJSONDecoder(speaker: .dispatcher).event(from: Array(example.line.utf8)).stamped(
        id: EventID(peer: 7, position: position), timestampMs: createdMs)
      return .event(JournaledEvent(event, slots: 4, wantsResult: position % 8 == 0))
    }
    return [
      Content(records: records, stateHash: 0x0123_4567_89ab_cdef, lastTransaction: 1, timeMs: createdMs),
      Content(records: events, stateHash: 77, lastTransaction: 1 + UInt64(events.count), timeMs: createdMs + 5),
    ]
  }

  private static let records: [JournalRecord] = {
    var settings = ControllerConfiguration()
    settings.heartbeatFailureThreshold = 4
    let id = EventID(peer: 7, position: 1 << 40)
    let hash = Array("secret".utf8).withUnsafeBytes { ChainHash(hashing: $0) }
    let cancellation = Event.jobCancelled("jöb", reason: "why").stamped(id: id, timestampMs: createdMs)
    let sender = DeadLetterSender(name: "ünter", role: 2)
    let letter = DeadLetter(event: cancellation, origin: id, reason: .unknownEntity, detail: "nöbody")
    let record = DeadLetter(
      event: nil, origin: id, reason: .malformed, detail: "", record: [0, 255, 7], recordBytes: 28_000)
    let untimed = JournaledEvent(Event(id: id, timestampMs: nil, body: .tick), slots: 1, wantsResult: false)
    return [
      .started(JournaledStart(epoch: 1 << 50, peerNumbersUpTo: 1024)), .configured(settings), .peerNumbers(upTo: 2048),
      .peerAttached(
        JournaledPeer(
          id: 7, epoch: 1 << 50, lane: 3, name: "täst", role: 2, uid: 1000, pid: 42, submissionCapacity: 4096,
          resultCapacity: 1024, tokenHash: hash)),
      .peerRemoved(peer: 6),
      .unhandled(JournaledEvent(cancellation, slots: 2, wantsResult: true), .dropped(by: "filtér")),
      .unhandled(untimed, .deadLettered(.handlerError, detail: "it threw")),
      .skipped(SkippedRecord(id: id, slots: 1, wantsResult: false, fault: "cpu: expected less")),
      .letter(
        .kept(KeptDeadLetter(number: 1, timestampMs: 3, sender: sender, letter: letter, recordBytes: 112, retries: 3))),
      .letter(.kept(KeptDeadLetter(number: 2, timestampMs: 9, sender: sender, letter: record, recordBytes: 1024))),
      .letter(.retriedInVain(1, .handlerError, detail: "again")), .letter(.removed(2)),
    ]
  }()
}
