import EventModel

/// Events on their way whose results are awaited, in the order they were published; bounded.
///
/// The dispatcher takes a peer's events in order and sends their results in order, so a result answers the oldest event
/// or shows that the results of all older ones are lost. A refusal, of a record that was no event, keeps to no order.
struct ResultWindow {
  struct Pending: Hashable, Sendable {
    let position: UInt64
    let line: Int
    let kind: EventKind
  }

  let capacity: Int
  /// Sorted by position.
  private var pending: [Pending] = []
  /// Of the oldest in `pending`; what is before it is done.
  private var first = 0

  init(capacity: Int) {
    precondition(capacity > 0, "room for one event at least")
    self.capacity = capacity
    pending.reserveCapacity(2 * capacity)
  }

  var count: Int {
    pending.count - first
  }

  var isFull: Bool {
    count == capacity
  }

  /// - Parameter event: at a higher position than all before.
  mutating func append(_ event: Pending) {
    precondition(!isFull, "the window holds at most \(capacity) events")
    precondition(pending.last.map { $0.position < event.position } ?? true, "positions grow")
    if first >= capacity {
      pending.removeFirst(first)
      first = 0
    }
    pending.append(event)
  }

  private func index(of position: UInt64) -> Int? {
    guard let index = pending[first...].firstIndex(where: { $0.position >= position }) else { return nil }
    return pending[index].position == position ? index : nil
  }

  /// Ends the wait for the result of the event at `position`.
  ///
  /// - Returns: the event, nil when nobody waits for it; and the older ones whose results will not come any more.
  mutating func complete(position: UInt64) -> (event: Pending?, lost: [Pending]) {
    guard let index = index(of: position) else { return (nil, []) }
    defer { first = index + 1 }
    assert(pending[first..<index].allSatisfy { $0.position < position }, "results come in the order of their events")
    return (pending[index], Array(pending[first..<index]))
  }

  /// Ends the wait for the event at `position`, whose record was refused; nil when nobody waits for it.
  mutating func refuse(position: UInt64) -> Pending? {
    index(of: position).map { pending.remove(at: $0) }
  }

  /// Gives up on all that are left before a position.
  mutating func abandon(before position: UInt64 = .max) -> [Pending] {
    let end = pending[first...].firstIndex { $0.position >= position } ?? pending.count
    defer { first = end }
    return Array(pending[first..<end])
  }
}
