import EventModel

/// How far a search of a pass has come: what is free only becomes less while placements are being proposed, so that the
/// next search for the same goes on from there.
struct SearchCursor: Sendable {
  var rule = ConstraintTable.none
  var needed = Amounts()
  var isReservationOn = false
  var slot = 0
  /// The policy takes the first worker that it finds.
  var isKept = false
}

/// Searches for a worker that has room, meets a rule and is not kept for somebody else.
extension ClusterView {
  /// May a worker have a task, whatever it has free?
  @inline(__always)
  func isAllowed(_ rule: PlacementRule, _ slot: Int) -> Bool {
    rules.isMet(rule, by: slot) && !(isReservationOn && reserved[slot])
  }

  func hasRoom(for needed: Amounts, _ rule: PlacementRule, at slot: Int) -> Bool {
    isAllowed(rule, slot) && capacity.hasRoom(for: needed, at: slot)
  }

  /// The first at or after `start`.
  func first(withFree needed: Amounts, _ rule: PlacementRule, from start: Int = 0) -> Int? {
    if rule == ConstraintTable.none, !isReservationOn { return capacity.first(withFree: needed, from: start) }
    var slot = max(start, cursorSlot(needed, rule))
    while let next = nextAllowed(rule, from: slot) {
      guard let found = capacity.first(withFree: needed, from: next) else { return nil }
      if isAllowed(rule, found) { return found }
      slot = found + 1
    }
    return nil
  }

  private func cursorSlot(_ needed: Amounts, _ rule: PlacementRule) -> Int {
    cursor.slot > 0 && cursor.rule == rule && cursor.isReservationOn == isReservationOn && cursor.needed == needed
      ? cursor.slot : 0
  }

  /// A search within a call has found a worker: none before it has room.
  mutating func noteFound(_ slot: Int, for needed: Amounts, _ rule: PlacementRule) {
    guard cursor.isKept, rule != ConstraintTable.none || isReservationOn else { return }
    cursor = SearchCursor(rule: rule, needed: needed, isReservationOn: isReservationOn, slot: slot, isKept: true)
  }

  private func nextAllowed(_ rule: PlacementRule, from slot: Int) -> Int? {
    guard slot < rows.count else { return nil }
    var index = slot >> 6
    let last = (rows.count - 1) >> 6
    var bits = allowedWord(index, rule) & (~0 << UInt64(slot & 63))
    while bits == 0 {
      index += 1
      guard index <= last else { return nil }
      bits = allowedWord(index, rule)
    }
    return index << 6 + bits.trailingZeroBitCount
  }

  @inline(__always)
  private func allowedWord(_ index: Int, _ rule: PlacementRule) -> UInt64 {
    rules.word(index, of: rule) & (isReservationOn ? ~reserved.word(index) : ~0)
  }

  /// The one with the most of a resource free, the first of them in table order.
  func first(withMostOf resource: Int, free needed: Amounts, _ rule: PlacementRule) -> Int? {
    if rule == ConstraintTable.none, !isReservationOn {
      return capacity.first(withMostOf: resource, free: needed)
    }
    return capacity.first(withMostOf: resource, free: needed) { isAllowed(rule, $0) }
  }
}
