import CRingmaster
import Dispatcher
import DispatcherSettings
import EventModel
import Foundation
import Journal
import RingmasterClient
import RingmasterTestKit
import SeededRandom
import Testing

/// What a source says more than once has one effect and one answer.
@Suite("Events said again", .serialized)
struct RepeatedEventTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path

  private func dispatcher(
    after first: RunningDispatcher? = nil, _ adjust: (inout DispatcherConfiguration) -> Void = { _ in }
  ) throws -> RunningDispatcher {
    try RunningDispatcher(after: first) {
      $0.journal = JournalSettings(folder: folder)
      adjust(&$0)
    }
  }

  private static let samples = Event.samples.enumerated().map { number, event in
    event.said(by: EventSource(name: "samples", incarnation: 3, sequence: UInt64(number + 1)))
  }

  @Test func everyKindOfEventHasOneTransactionWhateverHappensBetween() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(Self.samples.count <= Limits.sourceWindow)
    var random = SeededGenerator(seed: 1)
    var dispatcher = try dispatcher()
    var firsts: [EventSource: DispatchResult] = [:]
    let client = try dispatcher.client()
    for event in Self.samples {
      let first = try await client.dispatch(event)
      let again = try await client.dispatch(event)
      #expect(!first.isRepeated && again.isRepeated, "\(event.kind)")
      #expect(again.transaction?.number == first.transaction?.number, "\(event.kind)")
      firsts[event.source!] = first
    }
    let numbers = firsts.values.compactMap(\.transaction?.number)
    #expect(Set(numbers).count == Self.samples.count, "each has made one of its own")
    // A heartbeat that comes as an event counts as one.
    for life in 0..<3 {
      let transactions = try dispatcher.counter(.transactions)
      let other = try dispatcher.client(name: "another \(life)")
      for event in Self.samples.shuffled(using: &random) {
        let first = try #require(firsts[event.source!]?.transaction)
        for client in [client, other] {
          let again = try await client.dispatch(event)
          let transaction = try #require(again.transaction, "\(event.kind)")
          #expect(again.isRepeated && again.event.kind == event.kind)
          #expect(
            (transaction.number, transaction.timestampMs, transaction.outcome) == (
              first.number, first.timestampMs, first.outcome
            ))
          #expect(transaction.subject == first.subject && transaction.actions == first.actions)
          #expect(again.epoch == firsts[event.source!]?.epoch)
        }
      }
      #expect(try dispatcher.counter(.transactions) == transactions, "in life \(life)")
      #expect(try dispatcher.counter(.eventsRepeated) >= UInt64(2 * Self.samples.count))
      other.close()
      dispatcher.stop()
      dispatcher = try self.dispatcher(after: dispatcher)
    }
    client.close()
    dispatcher.stop()
  }

  @Test func whatTheLogHasNotAnyMoreIsNamed() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dispatcher = try dispatcher { $0.controller.transactionLogCapacity = 1 }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let event = Event.jobSubmitted("a", request: JobRequest()).said(by: EventSource(name: "nightly", sequence: 1))
    let first = try #require(try await client.dispatch(event).transaction)
    for name in ["b", "c"] { _ = try await client.dispatch(.jobSubmitted(name, request: JobRequest())) }
    let error = await #expect(throws: ClientError.self) { try await client.dispatch(event) }
    guard case .notAnEvent(_, reason: .repeated, let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(detail == "event nightly/0/1 was handled before, as transaction \(first.number)")
    #expect(try await client.query(.jobs).count == 3)
    client.close()
  }

  @Test func whatIsOfAFormerLifeOrTooOldIsRefused() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dispatcher = try dispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    func say(_ job: String, _ incarnation: UInt64, _ sequence: UInt64) async throws -> String? {
      let source = EventSource(name: "s", incarnation: incarnation, sequence: sequence)
      do {
        let result = try await client.dispatch(Event.jobSubmitted(job, request: JobRequest()).said(by: source))
        return result.isRepeated ? "repeated" : nil
      } catch ClientError.notAnEvent(_, reason: .outOfSequence, let detail) {
        return detail
      }
    }
    #expect(try await say("a", 5, 100) == nil)
    #expect(try await say("b", 5, 69) == nil)
    #expect(try await say("c", 5, 68)?.contains("too old") == true)
    #expect(try await say("d", 4, 1)?.contains("former life") == true)
    #expect(try await say("e", 6, 1) == nil)
    #expect(try await say("a", 5, 100)?.contains("former life") == true)
    #expect(try await say("e", 6, 1) == "repeated")
    #expect(try await client.query(.jobs).count == 3)
    client.close()
  }

  @Test func aSequenceIsOfOneEvent() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dispatcher = try dispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let source = EventSource(name: "s", sequence: 1)
    _ = try await client.dispatch(Event.jobSubmitted("a", request: JobRequest()).said(by: source))
    let error = await #expect(throws: ClientError.self) {
      try await client.dispatch(Event.jobCancelled(.name("a"), reason: "r").said(by: source))
    }
    guard case .notAnEvent(_, reason: .outOfSequence, let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(detail.contains("was JOB_SUBMITTED, and is JOB_CANCELLED now"))
    client.close()
  }

  /// In the smallest ring of results a long answer has no room in one piece.
  @Test func anAnswerThatIsTooLongForItsRingIsNamed() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dispatcher = try dispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client(resultCapacity: Int(RM_RESULT_MIN_CAPACITY))
    let name = String(repeating: "n", count: Limits.nameBytes)
    let worker = Event.workerRegistered(
      name, address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 4000)), incarnation: nil)
    _ = try await client.dispatch(worker)
    var request = JobRequest()
    request.replicas = 4
    request.reason = String(repeating: "r", count: Limits.errorBytes)
    _ = try await client.dispatch(.jobSubmitted(name, request: request))
    #expect(try eventually { try dispatcher.counter(.placements) == 4 })
    let cancel = Event.jobCancelled(.name(name), reason: request.reason ?? "").said(
      by: EventSource(name: "s", sequence: 1))
    let first = try #require(try await client.dispatch(cancel).transaction)
    do {
      let again = try await client.dispatch(cancel)
      #expect(again.isRepeated && again.transaction?.number == first.number)
    } catch ClientError.notAnEvent(_, reason: .repeated, let detail) {
      #expect(detail.hasSuffix("as transaction \(first.number)"))
    }
    #expect(try await client.query(.jobs).count == 1)
    client.close()
  }
}
