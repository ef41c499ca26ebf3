import Controller
import EventBus

/// What can be plugged into a dispatcher without touching it.
public struct DispatcherParts: Sendable {
  /// Middleware, observers and the dead-letter sink.
  public var bus = EventBus()
  public var policy: any SchedulingPolicy = FirstFit()

  public init() {
    bus.deadLetters = DeadLetterQueue()
  }
}
