import Controller
import EventJSON
import EventModel
import Foundation
import Platform
import Simulator
import Testing

@testable import Journal

/// `ringctl journal` and `ringctl replay`, as processes.
@Suite struct ReadingCommandTests {
  private struct Output {
    let end: ProcessEnd
    let lines: [String]
    let errors: String

    func objects() throws -> [JSONValue] { try lines.map { try JSONValue(parsing: Array($0.utf8)) } }

    func object() throws -> JSONValue {
      try #require(lines.count == 1, "\(lines) \(errors)")
      return try JSONValue(parsing: Array(lines[0].utf8))
    }
  }

  /// Runs the program that was built with these tests.
  private static func ringctl(_ arguments: [String], input: String = "") throws -> Output {
    let outcome = try ProcessLaunch.run([Machine.sibling("ringctl")] + arguments, input: input)
    return Output(
      end: outcome.end, lines: outcome.output.split(separator: "\n").map(String.init), errors: outcome.errors)
  }

  private static func journal(_ arguments: String..., in recording: Recording) throws -> Output {
    try ringctl(arguments + ["--journal", recording.journal.folder])
  }

  /// A simulation of the dump makes the same transactions and comes to the same state, with other settings on the way.
  @Test(arguments: 81...84 as ClosedRange<UInt64>)
  func aSimulationOfTheDumpIsTheJournal(seed: UInt64) throws {
    let recording = try Recording(seed: seed, steps: 900)
    let dump = try Self.journal("journal", "dump", in: recording)
    #expect(dump.end == .code(0) && dump.errors.isEmpty, "seed \(seed): \(dump.errors)")
    var controller = ScriptedController(configuration: ControllerConfiguration())
    var transactions: [Transaction] = []
    for line in dump.lines { transactions += controller.take(try ScriptStep(from: Array(line.utf8))) }
    #expect(transactions == recording.transactions, "seed \(seed)")
    expect(controller.state.stateHash == recording.hash, "seed \(seed)")
    var saved = controller.state.save()
    saved.nowMs = recording.saved.nowMs
    #expect(saved == recording.saved, "seed \(seed)")

    let simulation = try Self.ringctl(
      ["simulate", "--json", "-"], input: dump.lines.map { $0 + "\n" }.joined())
    #expect(simulation.end == .code(0) && simulation.errors.isEmpty, "seed \(seed): \(simulation.errors)")
    #expect(simulation.lines.dropLast() == recording.transactions.map(\.json.text)[...], "seed \(seed)")
  }

  @Test func aPartOfTheJournalIsDumped() throws {
    let recording = try Recording(seed: 85, steps: 600)
    let count = recording.transactions.count
    func numbers(_ dump: Output) throws -> [Int] {
      try dump.objects().compactMap { if case .number(let text)? = $0["txn"] { Int(text) } else { nil } }
    }
    let part = try Self.journal("journal", "dump", "--from", "20", "--until", "\(count - 5)", in: recording)
    #expect(try numbers(part) == Array(20...(count - 5)))
    #expect(part.errors.contains("begin with transaction 20") && part.end == .code(0))
    let timeMs = try #require(recording.transactions[count / 2].event.timestampMs)
    let seconds = Date(timeIntervalSince1970: Double(timeMs / 1000)).formatted(.iso8601)
    let time = "\(seconds.dropLast()).\(String(1000 + timeMs % 1000).dropFirst())Z"
    let until = try numbers(Self.journal("journal", "dump", "--until", time, in: recording))
    let expected = recording.transactions.prefix { ($0.event.timestampMs ?? 0) <= timeMs }.count
    try #require(expected > 1)
    #expect(until == Array(1...expected))
    #expect(try Self.journal("journal", "dump", "--from", "soon", in: recording).end == .code(64))
  }

  /// What the ndjson ingest is given: only what peers said, in its own form, and nothing by a handle that has a name.
  @Test func whatPeersSaidIsForTheIngest() throws {
    // Gangs, in whose history no peer says what only the dispatcher does.
    let recording = try Recording(seed: 90, steps: 900)
    let dump = try Self.journal("journal", "dump", "--peers-only", in: recording)
    #expect(dump.end == .code(0))
    let wanted = recording.transactions.filter { $0.event.id.peer != 0 }
    let decoder = EventJSONDecoder(timestamps: .optional)
    let events = try dump.lines.map { try decoder.event(from: Array($0.utf8)) }
    #expect(events.map(\.kind) == wanted.map(\.event.kind))
    let own = recording.transactions.count { $0.event.id.peer == 0 }
    #expect(dump.errors.contains("left out \(own) events of the dispatcher's own"))
    for (line, transaction) in zip(dump.lines, wanted) {
      guard case .workerFailed = transaction.event.body, let subject = transaction.subject else { continue }
      #expect(line.contains("\"worker_id\":\"\(subject.description)\""), "\(line)")
    }
  }

  @Test func theStateAsItWas() throws {
    let recording = try Recording(seed: 87, steps: 900)
    let count = UInt64(recording.transactions.count)
    for (number, hash) in recording.hashes where number % 7 == 0 {
      let summary = try Self.journal("replay", "--until", "\(number)", "--json", in: recording).object()
      #expect(summary["txn"] == .integer(number) && summary["state_hash"] == .string(String(hash, radix: 16)))
    }
    let end = try Self.journal("replay", "summary", "--json", in: recording).object()
    #expect(end["txn"] == .integer(count) && end["state_hash"] == .string(String(recording.hash, radix: 16)))
    // The same rows as the state has.
    var replica = try JournalReplica.replaying(
      folder: recording.journal.folder, configuration: ControllerConfiguration(), until: .transaction(count / 2))
    replica.configure(replica.state.configuration)
    let tasks = try Self.journal("replay", "tasks", "--until", "\(count / 2)", "--json", in: recording)
    #expect(tasks.end == .code(0) && tasks.lines.count == replica.state.totals.tasks.total)
    let jobs = try Self.journal("replay", "jobs", "--until", "\(count / 2)", "--json", in: recording)
    #expect(jobs.lines.count == replica.state.totals.jobs.total)
    let workers = try Self.journal("replay", "workers", "--until", "\(count / 2)", "--json", in: recording)
    #expect(workers.lines.count == replica.state.totals.workers)
    #expect(try workers.objects().allSatisfy { $0["last_heartbeat_ms"] == .null })
    let table = try Self.journal("replay", "tasks", "--until", "\(count / 2)", in: recording)
    #expect(table.lines.first?.hasPrefix("TASK ") == true && table.lines.count == tasks.lines.count + 1)
    let pending = try Self.journal(
      "replay", "tasks", "--state", "pending", "--until", "\(count / 2)", "--json", in: recording)
    #expect(pending.lines.count == replica.state.totals.tasks[.pending])
    let beyond = try Self.journal("replay", "--until", "\(count + 1)", in: recording)
    #expect(beyond.end == .code(1) && beyond.errors.contains("ends with transaction \(count)"))
    #expect(try Self.journal("replay", "jobs", "--state", "pending", in: recording).end == .code(64))
  }

  @Test func verificationSaysWhatItFound() throws {
    let recording = try Recording(seed: 88, steps: 600)
    let whole = try Self.journal("journal", "verify", "--json", in: recording)
    let object = try whole.object()
    #expect(whole.end == .code(0) && object["whole"] == .boolean(true) && object["damage"] == .array([]))
    #expect(object["state_hash"] == .string(String(recording.hash, radix: 16)))
    let text = try Self.journal("journal", "verify", in: recording)
    #expect(text.end == .code(0) && text.lines.last == "whole" && text.errors.isEmpty)
    let (commits, _) = try recording.journal.recover()
    let hit = commits[3]
    let byte = try readFile(hit.file)[Int(hit.offset) + 140]
    try Scribbler(hit.file).write(byte ^ 16, at: Int(hit.offset) + 140)
    let damaged = try Self.journal("journal", "verify", "--json", in: recording)
    guard case .array(let places)? = try damaged.object()["damage"] else { return }
    #expect(damaged.end == .code(1) && places.count == 1)
    #expect(places[0]["file"] == .string(hit.file) && places[0]["offset"] == .integer(hit.offset))
    #expect(
      try Self.journal("journal", "verify", in: recording).lines.last?.hasPrefix(
        "not whole: no dispatcher can start: ") == true)
    for command in [["journal", "dump"], ["replay"]] {
      let refused = try Self.ringctl(command + ["--journal", recording.journal.folder])
      #expect(refused.end == .code(1) && refused.errors.contains("\(hit.file) is damaged at byte \(hit.offset)"))
    }
    // Before the damage the state is known.
    let before = try Self.journal("replay", "--until", "\(commits[1].lastTransaction)", in: recording)
    #expect(before.end == .code(0))
  }

  @Test func whatCannotBeReadIsSaid() throws {
    for command in [["journal", "verify"], ["journal", "dump"], ["replay"]] {
      let missing = try Self.ringctl(command + ["--journal", "/tmp/ringmaster-no-such-folder"])
      #expect(missing.end == .code(1) && missing.errors.contains("/tmp/ringmaster-no-such-folder"), "\(missing.errors)")
    }
    let recording = try Recording(seed: 89, steps: 100)
    let path = try #require(try recording.journal.segmentPaths.first)
    var bytes = try readFile(path)
    bytes[8] = 9
    sealHeader(&bytes)
    try writeFile(path, bytes)
    for command in [["journal", "verify"], ["journal", "dump"], ["replay"]] {
      let newer = try Self.ringctl(command + ["--journal", recording.journal.folder])
      #expect(newer.end == .code(1))
      #expect(newer.errors.contains("format version 9, which is newer than this program: it reads version 2"))
    }
  }
}
