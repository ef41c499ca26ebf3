import EventModel

/// The workers that a job could use that has waited for long: nothing behind it in the queue goes there.
struct Reservation: Sendable {
  /// Differs from that of the ones before; 0 for none.
  private(set) var number: UInt64 = 0
  private(set) var ask = Amounts()
  private(set) var rule: PlacementRule?
  private(set) var workers = WorkerSet()
  /// For how many tasks each worker would have room if it were empty, and all of them.
  private var rooms: [UInt16] = []
  private(set) var room = 0

  func isFor(_ ask: Amounts, _ rule: PlacementRule) -> Bool { self.rule == rule && self.ask == ask }

  /// Becomes another, with no workers yet.
  func another(for ask: Amounts, _ rule: PlacementRule, slots: Int) -> Reservation {
    var other = Reservation()
    (other.number, other.ask, other.rule) = (number + 1, ask, rule)
    other.rooms = [UInt16](repeating: 0, count: slots)
    return other
  }

  mutating func set(_ slot: Int, room: Int) {
    while rooms.count <= slot { rooms.append(0) }
    guard rooms[slot] != room else { return }
    self.room += room - Int(rooms[slot])
    rooms[slot] = UInt16(room)
    workers[slot] = room > 0
  }

  /// The number of its rule may be another's from here on.
  mutating func end() {
    rule = nil
  }
}
