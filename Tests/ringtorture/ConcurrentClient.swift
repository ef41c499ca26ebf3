import EventModel
import Platform
import RingmasterClient
import Synchronization

/// A client of many tasks that each await the result of one event at a time.
final class ConcurrentClient: Sendable {
  private let client: RingmasterClient
  private let ledger: Ledger
  private let total: Int
  private let script: Mutex<EventScript>

  private static let tasks = 48
  private static let attachLimitNs: UInt64 = 20_000_000_000

  init(_ options: ClientOptions, _ ledger: Ledger) throws {
    self.ledger = ledger
    total = options.events
    script = Mutex(options.script)
    client = try Self.attach(options)
    ledger.peer = client.peer
  }

  /// The dispatcher may be killed in the midst of it: then another peer it is.
  private static func attach(_ options: ClientOptions) throws -> RingmasterClient {
    let deadlineNs = Clock.monotonicNs() + attachLimitNs
    while true {
      do {
        return try RingmasterClient(path: options.socket, options: options.attachOptions)
      } catch {
        guard Clock.monotonicNs() < deadlineNs else { throw error }
        Machine.yield()
      }
    }
  }

  func leave() {
    client.close()
  }

  /// Publishes everything and awaits all results.
  func run() async throws {
    ledger.phase = .running
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Self.tasks { group.addTask { try await self.work() } }
      try await group.waitForAll()
    }
    ledger.phase = .drained
  }

  private func work() async throws {
    while let (number, event) = begin() {
      let result = try await client.dispatch(event, timeout: .seconds(60))
      script.withLock { _ in
        ledger.accept(number, position: result.event.id.position)
        ledger.note(result)
      }
    }
  }

  private func begin() -> (Int, Event)? {
    script.withLock { script in
      guard ledger.begun < total else { return nil }
      let number = ledger.begin()
      return (number, script.event(number))
    }
  }
}
