import Controller
import EventBus
import EventModel
import Journal

/// A controller with the bus around it, in the process and on the thread of a test: what a dispatcher does about an event,
/// without rings, journal or clock. Time passes when the test says so.
///
/// A class, since a test's macros copy what they look at, and the state cannot be copied. Use it from one thread.
public final class TestCluster {
  public var bus = EventBus()
  public var policy: any SchedulingPolicy
  /// What the dead-letter sink has received, unless a test puts another one on the bus.
  public let letters = ReceivedLetters()
  var state: ControllerState
  var judge = LivenessJudge()
  private var clockMs: Int64 = 0
  private var events: UInt64 = 0
  private let check = EventCheck()

  /// The peer that the events of a test come from.
  public static let peer: UInt32 = 1

  public init(
    policy: any SchedulingPolicy = FirstFit(), configuration: ControllerConfiguration = ControllerConfiguration()
  ) {
    self.policy = policy
    state = ControllerState(configuration: configuration)
    bus.deadLetters = letters
    // As in a dispatcher, what a middleware puts in the place of an event has to be one.
    bus.fault = { [check] in check.check.problem(with: $0) }
  }

  /// The clock, in milliseconds: moved by `advance` and by events that bring a later time.
  public var nowMs: Int64 { max(clockMs, state.nowMs) }

  /// Sends an event through middleware, controller and observers. It gets an id, and the time of the clock where it has none.
  @discardableResult
  public func send(_ event: Event) -> DispatchResult {
    events += 1
    return dispatch(
      event.stamped(id: EventID(peer: Self.peer, position: events - 1), timestampMs: event.timestampMs ?? nowMs))
  }

  /// Places what is PENDING as the policy says, until that has no more to say.
  ///
  /// - Returns: what came of each proposal.
  @discardableResult
  public func place() -> [DispatchResult] {
    var results: [DispatchResult] = []
    while let proposals = state.proposePlacementsIfCalledFor(
      using: &policy, limit: Int(Limits.replicas.upperBound), atMs: nowMs)
    {
      results += handle(due: proposals)
    }
    return results
  }

  /// Lets time pass, and does what is due then: workers that were silent for too long are lost, and tasks that waited too long
  /// become UNSCHEDULABLE. No grace and no brake: a script's SWEEP judges with both.
  @discardableResult
  public func advance(byMs spanMs: Int64) -> [DispatchResult] {
    advance(toMs: nowMs + spanMs)
  }

  /// What is wrong with the state, in words; nothing unless the controller itself has a fault.
  public func checkInvariants() -> [String] {
    state.checkInvariants()
  }

  func advance(toMs timeMs: Int64) -> [DispatchResult] {
    clockMs = max(clockMs, timeMs)
    var due: [Event] = []
    state.overdueWorkers(inSlots: 0..<state.workerSlots, nowMs: nowMs, into: &due)
    var results = due.map { dispatch(stamped($0)) }
    // One task a job at a time; a middleware may keep it from passing.
    var hasPassed = true
    while hasPassed {
      due = []
      state.passedDeadlines(nowMs: nowMs, limit: .max, into: &due)
      let passed = handle(due: due)
      hasPassed = passed.contains { $0.transaction?.outcome == .applied }
      results += passed
    }
    return results
  }

  /// Handles what was decided, as far as it still holds.
  func handle(due events: [Event]) -> [DispatchResult] {
    events.compactMap { event in
      guard state.stillHolds(event, atMs: nowMs) else { return nil }
      return dispatch(stamped(event))
    }
  }

  private func stamped(_ event: Event) -> Event {
    event.stamped(id: event.id, timestampMs: event.timestampMs ?? nowMs)
  }

  func dispatch(_ event: Event) -> DispatchResult {
    bus.dispatch(event, to: &state)
  }
}

/// Used by the thread that owns the cluster alone.
private final class EventCheck: @unchecked Sendable {
  var check = RecordCheck()
}
