import EventModel

/// How far the searches for the first worker with room for tasks of a shape have come: what was gained since is in a log,
/// and everything else has only become less.
struct SearchFrontier: BitwiseCopyable, Sendable {
  /// No worker before this slot has room, except those that have gained something since.
  var slot = 0
  /// What had been gained by then.
  var gains: UInt64 = 0
  /// The reservation under which it was searched, 0 for none: once that ends, workers before `slot` may have room too.
  var reservation: UInt64 = 0
}

/// Searches for a worker that has room, meets a rule and is not kept for somebody else.
extension ClusterView {
  /// May a worker have a task, whatever it has free?
  @inline(__always)
  func isAllowed(_ rule: PlacementRule, _ slot: Int) -> Bool {
    rules.isMet(rule, by: slot) && !(isReservationOn && reserved[slot])
  }

  @inline(__always)
  func hasRoom(for needed: Span<Int64>, _ rule: PlacementRule, at slot: Int) -> Bool {
    isAllowed(rule, slot) && capacity.hasRoom(for: needed, at: slot)
  }

  func hasRoom(for asks: borrowing AmountTable, _ place: Range<Int>, _ rule: PlacementRule, at slot: Int) -> Bool {
    hasRoom(for: asks.values.span.extracting(place), rule, at: slot)
  }

  /// The first worker for tasks of a shape: the search goes on where earlier ones stopped.
  func first(
    withFree asks: borrowing AmountTable, _ place: Range<Int>, _ rule: PlacementRule,
    _ frontier: inout SearchFrontier
  ) -> Int? {
    let needed = asks.values.span.extracting(place)
    let isOfOtherReservation =
      frontier.reservation != 0 && !(isReservationOn && frontier.reservation == reservationNumber)
    if isOfOtherReservation || !gains.reaches(frontier.gains) { frontier = SearchFrontier(gains: gains.count) }
    var gained: Int?
    if frontier.slot > 0 {
      for change in frontier.gains..<gains.count {
        let slot = gains[change]
        if slot < gained ?? frontier.slot, hasRoom(for: needed, rule, at: slot) { gained = slot }
      }
    }
    if let gained { return gained }
    let found = first(withFree: needed, rule, from: frontier.slot)
    frontier.slot = found ?? rows.count
    frontier.gains = gains.count
    if isReservationOn { frontier.reservation = reservationNumber }
    return found
  }

  /// The first at or after `start`.
  func first(withFree needed: Span<Int64>, _ rule: PlacementRule, from start: Int = 0) -> Int? {
    if rule == ConstraintTable.none, !isReservationOn { return capacity.first(withFree: needed, from: start) }
    var slot = start
    while let next = nextAllowed(rule, from: slot) {
      guard let found = capacity.first(withFree: needed, from: next) else { return nil }
      if isAllowed(rule, found) { return found }
      slot = found + 1
    }
    return nil
  }

  func first(withFree needed: Amounts, _ rule: PlacementRule, from start: Int = 0) -> Int? {
    first(withFree: needed.values.span.extracting(0..<needed.width), rule, from: start)
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
  func first(withMostOf resource: Int, free amounts: Amounts, _ rule: PlacementRule) -> Int? {
    let needed = amounts.values.span.extracting(0..<amounts.width)
    if rule == ConstraintTable.none, !isReservationOn {
      return capacity.first(withMostOf: resource, free: needed)
    }
    return capacity.first(withMostOf: resource, free: needed) { isAllowed(rule, $0) }
  }

  /// For how many tasks a worker would have room if it were empty; 0 for one that is draining or lacks the
  /// attributes.
  func roomIfEmpty(_ slot: Int, for ask: Amounts, _ rule: PlacementRule) -> Int {
    guard isOccupied(slot), !isDraining(slot), rules.isMet(rule, by: slot) else { return 0 }
    return ask.count(in: totals.values.span.extracting(totals.place(slot)), upTo: Limits.replicas.upperBound)
  }
}
