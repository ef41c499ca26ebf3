import EventModel

/// The zones that the registered workers are in and how many are in each.
struct ZoneTable: ~Copyable, Sendable {
  struct Row: Sendable {
    var name = ""
    var workers = 0
    /// Of them, as the present census has counted them.
    var silent = 0
    var overdue = 0
  }

  /// The zone of the workers that name none. It is always there, and it stands for the workers of zones too small to be
  /// judged by themselves too.
  static var rest: UInt32 { 0 }

  private(set) var rows = [Row()]
  private var slotsByName: [ByteText: UInt32] = [ByteText(""): rest]
  private var free: [UInt32] = []

  /// Counts one more worker in a zone and returns its slot, which stays the same while any worker is in it.
  mutating func join(_ name: String) -> UInt32 {
    let slot: UInt32
    if let known = slotsByName[ByteText(name)] {
      slot = known
    } else {
      if let freed = free.popLast() {
        slot = freed
      } else {
        slot = UInt32(rows.count)
        rows.append(Row())
      }
      rows[Int(slot)].name = name
      slotsByName[ByteText(name)] = slot
    }
    rows[Int(slot)].workers += 1
    return slot
  }

  func contains(_ name: String) -> Bool {
    slotsByName[ByteText(name)] != nil
  }

  mutating func forgetSilence() {
    for slot in rows.indices {
      rows[slot].silent = 0
      rows[slot].overdue = 0
    }
  }

  mutating func countSilent(_ slot: UInt32, isOverdue: Bool, by count: Int) {
    rows[Int(slot)].silent += count
    if isOverdue { rows[Int(slot)].overdue += count }
  }

  mutating func leave(_ slot: UInt32) {
    rows[Int(slot)].workers -= 1
    guard rows[Int(slot)].workers == 0, slot != Self.rest else { return }
    slotsByName[ByteText(rows[Int(slot)].name)] = nil
    rows[Int(slot)] = Row()
    free.append(slot)
  }
}
