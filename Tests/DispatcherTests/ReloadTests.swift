import Dispatcher
import DispatcherSettings
import EventModel
import Foundation
import RingmasterClient
import Synchronization
import Testing

@Suite("Other settings while it runs", .serialized)
struct ReloadTests {
  private struct Unreadable: Error {}

  @Test func areInForceForPeersThatStay() async throws {
    let dispatcher = try RunningDispatcher(reread: { configuration in
      var configuration = configuration
      configuration.controller.heartbeatFailureThreshold = 2
      return configuration
    })
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    _ = try await client.dispatch(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1))))
    let failure = Event.workerHeartbeatFailed(.name("w1"))
    for _ in 0..<3 { #expect(try await client.dispatch(failure).transaction?.actions.contains(lostWorker) == false) }
    try dispatcher.reload()
    #expect(try await client.dispatch(failure).transaction?.actions.contains(lostWorker) == true)
    #expect(try dispatcher.controlCounter(.reloads) == 1)
    client.close()
  }

  @Test func thatCannotBeReadChangeNothing() async throws {
    let mayBeRead = Atomic(false)
    let dispatcher = try RunningDispatcher(reread: { configuration in
      guard mayBeRead.load(ordering: .acquiring) else { throw Unreadable() }
      var configuration = configuration
      configuration.maximumPeers = 1
      return configuration
    })
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    try dispatcher.reload()
    #expect(try dispatcher.controlCounter(.reloadsRefused) == 1)
    let second = try dispatcher.client(name: "second")
    mayBeRead.store(true, ordering: .releasing)
    try dispatcher.reload()
    #expect(try dispatcher.controlCounter(.reloads) == 1)
    // Fewer peers may attach than there are: they stay, and no other comes.
    #expect(throws: ClientError.self) { _ = try dispatcher.client(name: "third") }
    for client in [client, second] {
      #expect(try await client.query(.workers).isEmpty)
      client.close()
    }
  }

  @Test func areTheJournalsToo() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let threshold = Atomic<Int>(3)
    let adjust: @Sendable (inout DispatcherConfiguration) -> Void = { configuration in
      configuration.journal = JournalSettings(folder: folder.path)
      configuration.controller.heartbeatFailureThreshold = Int16(threshold.load(ordering: .acquiring))
    }
    let first = try RunningDispatcher(
      adjust,
      reread: { configuration in
        var configuration = configuration
        adjust(&configuration)
        return configuration
      })
    let client = try first.client()
    let failure = Event.workerHeartbeatFailed(.name("w1"))
    // Each round is decided by other settings, and a recovery must decide each as it was.
    for round in 3...5 {
      threshold.store(round, ordering: .releasing)
      try first.reload()
      _ = try await client.dispatch(
        .workerRegistered("w1", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1))))
      for number in 1...round {
        let transaction = try await client.dispatch(failure).transaction
        #expect(transaction?.actions.contains(lostWorker) == (number == round))
      }
    }
    let workers = try await client.query(.workers)
    first.stop()
    threshold.store(2, ordering: .releasing)
    let second = try RunningDispatcher(after: first, adjust)
    defer { second.stop() }
    #expect(try await client.query(.workers) == workers)
    client.close()
  }

  @Test func areNotReadWhereThereIsNothingToReadFrom() throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    dispatcher.requestReload()
    #expect(dispatcher.waitForEnd() == "it stopped without an error")
  }

  private func lostWorker(_ action: Action) -> Bool { action.kind == .workerFailed }
}

extension [Action] {
  fileprivate func contains(_ matches: (Action) -> Bool) -> Bool { contains(where: matches) }
}
