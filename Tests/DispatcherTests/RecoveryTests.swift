import Dispatcher
import EventModel
import Foundation
import RingmasterClient
import Testing

@Suite("A dispatcher that keeps a journal", .serialized)
struct RecoveryTests {
  @Test func goesOnWhereTheOneBeforeItWasAndItsClientsWithIt() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder.path) }
    let client = try first.client()
    let registered = try await client.dispatch(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(milliCPU: 4000)))
    #expect(registered.promise == .durable)
    let number = try #require(registered.transaction?.number)
    first.stop()
    let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder.path) }
    defer { second.stop() }
    let submitted = try await client.dispatch(.jobSubmitted("j1", request: JobRequest()))
    #expect(submitted.promise == .durable)
    #expect(submitted.transaction?.outcome == .applied)
    #expect(try #require(submitted.transaction?.number) > number)
    #expect(try await client.query(.workers).count == 1)
    client.close()
    #expect(eventually { second.rings.isEmpty })
  }
}
