import Controller
import EventBus
import Journal

/// What can be plugged into a dispatcher without touching it.
public struct DispatcherParts: Sendable {
  /// Middleware, observers and a dead-letter sink beside the dispatcher's own store.
  public var bus = EventBus()
  public var policy: any SchedulingPolicy = FirstFit()
  /// How the journal reaches its disk.
  public var journalCalls = JournalFileCalls.system
  /// Numbers of peers that are set aside in the journal at a time.
  package var peerNumbersAtOnce = JournaledStart.usualPeerNumbers
  /// Called on the dispatch thread at each passage: for tests, which end the process there.
  public var passing: (@Sendable (Passage) -> Void)?

  public init() {}
}
