import Controller
import Dispatcher
import DispatcherSettings
import EventBus
import EventModel
import Foundation
import Journal
import Platform
import RingmasterClient
import Testing

/// What goes on over a restart as if nothing had been, beside the state.
@Suite("Over a restart", .serialized)
struct ContinuityTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path

  private func dispatcher(
    after first: RunningDispatcher? = nil, parts: DispatcherParts = DispatcherParts()
  ) throws -> RunningDispatcher {
    try RunningDispatcher(parts: parts, after: first) { $0.journal = JournalSettings(folder: folder) }
  }

  @Test func aSubscriptionStaysInForce() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try dispatcher()
    let watcher = try first.client(name: "watcher")
    try await watcher.subscribe(.transactions)
    let client = try first.client()
    first.stop()
    let second = try dispatcher(after: first)
    defer { second.stop() }
    // Both are back.
    _ = try await watcher.query(.jobs)
    _ = try await client.dispatch(.jobSubmitted("j", request: JobRequest()))
    let counted = try await watcher.query(.peers)
    #expect(counted.count == 2)
    watcher.close()
    var seen: [EventKind] = []
    for await message in watcher.results {
      if case .result(let result) = message { seen.append(result.event.kind) }
    }
    #expect(seen.contains(.jobSubmitted))
    client.close()
  }

  /// An event is named by its peer and its number there: 0 is the dispatcher itself.
  @Test func noEventOfTheDispatchersOwnHasAnIDThatWasGiven() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var before: RunningDispatcher?
    for life in 0..<2 {
      let dispatcher = try dispatcher(after: before)
      let client = try dispatcher.client()
      let worker = Event.workerRegistered(
        "w\(life)", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000)))
      _ = try await client.dispatch(worker)
      _ = try await client.dispatch(.jobSubmitted("j\(life)", request: JobRequest()))
      #expect(try eventually { try dispatcher.counter(.placements) == 1 })
      client.close()
      dispatcher.stop()
      before = dispatcher
    }
    var own: [UInt64] = []
    _ = try JournalRecovery.run(folder: folder, configuration: ControllerConfiguration()) { step in
      if case .event(let journaled) = step.record, journaled.event.id.peer == 0 {
        own.append(journaled.event.id.position)
      }
    }
    #expect(own.count == 2 && Set(own).count == 2)
  }

  /// What a middleware makes of an event reaches the journal as nothing else does: no record held it.
  @Test func whatNoRecordHoldsGoesIntoNoJournal() async throws {
    struct Lengthening: Middleware {
      let name = "lengthening"

      func process(_ event: Event) -> Event? {
        guard case .jobCancelled(let job, _) = event.body else { return event }
        return .jobCancelled(job, reason: String(repeating: "long ", count: 1 << 16))
      }
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var parts = DispatcherParts()
    parts.bus.add(Lengthening())
    let first = try dispatcher(parts: parts)
    let client = try first.client()
    _ = try await client.dispatch(.jobSubmitted("j", request: JobRequest()))
    let cancelled = try await client.dispatch(.jobCancelled("j", reason: "why"))
    #expect(cancelled.disposition == .deadLettered(.handlerError))
    client.close()
    first.stop()
    let second = try dispatcher(after: first)
    defer { second.stop() }
    #expect(try await second.client(name: "next").query(.jobs).count == 1)
  }
}
