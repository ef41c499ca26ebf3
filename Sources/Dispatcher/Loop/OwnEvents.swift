import Controller
import EventModel
import Journal

/// What the dispatcher has decided of its own accord and not handled yet, in order, and the numbers of what it handles. It
/// stays until there is room for it: it is kept nowhere else.
///
/// Invariant: nothing more is decided before all of it is handled; numbers rise by one.
struct OwnEvents: ~Copyable {
  /// Those before `next` have been taken.
  private var events: [Event] = []
  private var next = 0
  /// They come from peer 0, in order.
  private var nextNumber: UInt64
  let check = EventCheck()
  private var policy: any SchedulingPolicy

  init(nextNumber: UInt64, policy: any SchedulingPolicy) {
    self.nextNumber = nextNumber
    self.policy = policy
  }

  /// All is handled.
  var isEmpty: Bool { next == events.count }
  /// With those that have been taken.
  var count: Int { events.count }

  /// Decides more: by appending it.
  mutating func decide(_ body: (inout [Event]) -> Void) {
    assert(isEmpty, "nothing is decided before what was is handled")
    body(&events)
    assert(next == 0, "the events that were taken have gone")
  }

  /// Decides a bounded number of placements, if there is anything to place.
  ///
  /// - Returns: whether a part of the queue was gone through.
  mutating func proposePlacements(_ state: inout ControllerState, limit: Int, atMs timeMs: Int64) -> Bool {
    guard let proposals = state.proposePlacementsIfCalledFor(using: &policy, limit: limit, atMs: timeMs) else {
      return false
    }
    decide { $0 = proposals }
    return true
  }

  mutating func take() -> Event? {
    guard next < events.count else { return nil }
    let event = events[next]
    next += 1
    if next == events.count {
      events.removeAll(keepingCapacity: true)
      next = 0
    }
    return event
  }

  /// When a placement is void, those of the same size that were decided behind it are too: younger tasks must not start
  /// before the one that is to be placed anew.
  mutating func withdrawPlacements(behind event: Event, _ state: inout ControllerState) {
    guard case .taskAssigned(let task, _) = event.body, let ask = state.withdrawProposals(like: task) else {
      return
    }
    events.removeSubrange(..<next)
    next = 0
    events.removeAll { event in
      if case .taskAssigned(let task, _) = event.body { state.singleTaskAsk(task) == ask } else { false }
    }
  }

  var nextID: EventID { EventID(peer: 0, position: nextNumber) }

  mutating func takeID() -> EventID {
    defer { nextNumber += 1 }
    return nextID
  }

  /// Why no record holds an event, although the dispatcher makes it itself; nil when one does.
  func problem(with event: Event) -> String? {
    // Placements and expiries are made of handles and times alone.
    guard event.kind != .taskAssigned, event.kind != .workerFailed else { return nil }
    return check.problem(with: event)
  }
}
