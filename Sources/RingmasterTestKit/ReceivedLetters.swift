import EventBus
import EventModel
import Synchronization

/// A dead-letter sink that keeps what it receives, the oldest first.
public final class ReceivedLetters: DeadLetterSink {
  private let received = Mutex<[(letter: DeadLetter, result: DispatchResult?)]>([])

  public init() {}

  public func receive(_ letter: DeadLetter, _ result: DispatchResult?) {
    received.withLock { $0.append((letter, result)) }
  }

  public var all: [DeadLetter] { received.withLock { $0.map(\.letter) } }
  /// What came of the event of each; nil for what never became an event.
  public var results: [DispatchResult?] { received.withLock { $0.map(\.result) } }
}
