import EventBus
import EventModel
import Synchronization

/// Records what passed, in order, from any stage.
final class Trace: Sendable {
  private let lines = Mutex<[String]>([])

  func append(_ line: String) {
    lines.withLock { $0.append(line) }
  }

  var all: [String] {
    lines.withLock { $0 }
  }
}

struct Stage: Middleware {
  let name: String
  var interests: EventKindSet = .allButHeartbeats
  let transform: @Sendable (Event) throws -> Event?

  func process(_ event: Event) throws -> Event? {
    try transform(event)
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
}

struct Observer: EventObserver {
  let name: String
  var priority = 0
  var interests = EventKindSet.all
  var value: String?
  var reportsErrors = false
  let react: @Sendable (Event, Transaction) throws -> Void

  func observe(_ event: Event, _ transaction: Transaction) throws -> String? {
    try react(event, transaction)
    return value
  }
}

/// Keeps what it receives.
final class Letters: DeadLetterSink {
  private let received = Mutex<[(letter: DeadLetter, result: DispatchResult?)]>([])

  func receive(_ letter: DeadLetter, _ result: DispatchResult?) {
    received.withLock { $0.append((letter, result)) }
  }

  var letters: [DeadLetter] { received.withLock { $0.map(\.letter) } }
  var results: [DispatchResult?] { received.withLock { $0.map(\.result) } }
}

/// Answers every event with one outcome and keeps what it was given. Cannot be copied, like the real one.
struct ScriptedHandler: EventHandler, ~Copyable {
  var outcome = Outcome.applied
  var handled: [Event] = []

  mutating func handle(_ event: Event) -> Transaction {
    handled.append(event)
    return Transaction(
      number: UInt64(handled.count),
      timestampMs: event.timestampMs ?? 0,
      event: event,
      outcome: outcome,
      subject: nil,
      actions: [],
      tasksToKill: []
    )
  }
}

func heartbeat(position: UInt64 = 1) -> Event {
  Event.workerHeartbeat("w1", timestampMs: 10).stamped(id: EventID(peer: 7, position: position), timestampMs: 10)
}

func cancellation(position: UInt64 = 1) -> Event {
  Event.jobCancelled("j1", reason: "enough").stamped(id: EventID(peer: 7, position: position), timestampMs: 10)
}
