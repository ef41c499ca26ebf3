import CRingmaster
import Controller
import Dispatcher
import DispatcherSettings
import EventCodec
import EventModel
import Foundation
import Journal
import RawPeers
import RingmasterClient
import Testing

@Suite("Dead letters over a restart", .serialized)
struct DeadLetterRestartTests {
  private func letters(_ client: RingmasterClient) async throws -> [DeadLetterView] {
    try await client.query(.deadLetters).compactMap { if case .deadLetter(let row) = $0 { row } else { nil } }
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "letters-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  /// As the archive does: the next start goes on from here.
  private func writeSnapshot(_ folder: String) throws {
    let recovery = try JournalRecovery.run(folder: folder, configuration: ControllerConfiguration())
    let snapshot = recovery.replica.snapshot(journal: recovery.end.journal, createdMs: 1)
    _ = try SnapshotStore.write(snapshot, folder: folder)
  }

  /// Letters of all origins: an event that named nobody, bytes that were no event, records given up, an unknown kind.
  private func makeLetters(_ dispatcher: RunningDispatcher, _ client: RingmasterClient) async throws {
    _ = try await client.dispatch(.jobCancelled("late", reason: "not wanted"))
    let peer = try RawPeer(dispatcher)
    peer.writeContinuation(1, bytes: [UInt8(RM_TAG_SUBJECT_NAME), 0, 3, 0, 0xff, 0xfe, 0xfd])
    var head = RawPeer.head(kind: EventKind.jobCancelled.rawValue, slots: 2)
    head.text_bytes = 7
    peer.publish(head)
    peer.publish(RawPeer.head(kind: 99))
    #expect(try eventually { try dispatcher.counter(.deadLetters) == 3 })
    let ingest = try dispatcher.attachment(role: .ingest)
    ingest.submission.countShed(7)
    #expect(try eventually { try dispatcher.counter(.deadLetters) == 4 })
    _ = try await client.dispatch(.jobCancelled("never", reason: ""))
  }

  @Test(arguments: [false, true]) func lettersAndWhatBecameOfThemSurvive(fromSnapshot: Bool) async throws {
    try await withFolder { folder in
      let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
      var client = try first.client(name: "early")
      try await makeLetters(first, client)
      let again = try await client.retryDeadLetter(1, reason: "is it there?")
      #expect(again.transaction?.outcome == .rejected(.unknownJob))
      try await client.dropDeadLetter(5, reason: "never mind")
      let before = try await letters(client)
      #expect(before.map(\.number) == [1, 2, 3, 4] && before.first?.retries == 1)
      #expect(before.map(\.reason) == [.unknownEntity, .malformed, .noHandler, .overflow])
      client.close()
      first.stop()
      if fromSnapshot { try writeSnapshot(folder) }
      let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder) }
      client = try second.client(name: "later")
      #expect(try await letters(client) == before)
      // The newest letter has gone, and its number with it.
      _ = try await client.dispatch(.jobCancelled("nobody", reason: ""))
      #expect(try await letters(client).last?.number == 6)
      _ = try await client.dispatch(.jobSubmitted("late", request: JobRequest()))
      let applied = try await client.retryDeadLetter(1, reason: "it is")
      #expect(applied.transaction?.actions.last?.kind == .jobCancelled)
      client.close()
      second.stop()
      if fromSnapshot { try writeSnapshot(folder) }
      let third = try RunningDispatcher(after: second) { $0.journal = JournalSettings(folder: folder) }
      defer { third.stop() }
      client = try third.client()
      #expect(try await letters(client).map(\.number) == [2, 3, 4, 6])
    }
  }

  /// What a restart brings back is held to the limits of the dispatcher that begins.
  @Test func lowerLimitsHoldForWhatComesBack() async throws {
    try await withFolder { folder in
      let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
      var client = try first.client()
      for index in 0..<9 { _ = try await client.dispatch(.jobCancelled(.name("j\(index)"), reason: "")) }
      client.close()
      first.stop()
      let second = try RunningDispatcher(after: first) {
        $0.journal = JournalSettings(folder: folder)
        $0.deadLetters.letters = 4
      }
      defer { second.stop() }
      client = try second.client()
      #expect(try await letters(client).map(\.number) == [6, 7, 8, 9])
    }
  }
}
