import EventModel

/// What the dispatcher has decided of its own accord and not handled yet, in order. It stays until there is room for it:
/// nobody else remembers it.
struct DueEvents {
  /// To append to. Those before `next` have been taken.
  var events: [Event] = []
  private var next = 0

  var isEmpty: Bool { next == events.count }

  /// Takes out what has not been taken and meets a condition.
  mutating func remove(where condition: (Event) -> Bool) {
    events.removeSubrange(..<next)
    next = 0
    events.removeAll(where: condition)
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
}
