/// The census of silent workers by zone, taken in slices and true at every moment in between: who is lost or moves to
/// another zone takes its part of the count along. So no zone has more silent workers than it has workers.
extension ClusterView {
  mutating func beginCensus() {
    silent.removeAll()
    overdue.removeAll()
    zones.forgetSilence()
  }

  /// Counts a worker that is silent, once a census.
  mutating func countSilent(_ slot: Int, isOverdue: Bool) {
    guard !silent.contains(slot) else { return }
    silent.insert(slot)
    if isOverdue { overdue.insert(slot) }
    zones.countSilent(rows[slot].zone, isOverdue: isOverdue, by: 1)
  }

  /// Takes a worker that leaves its zone out of the zone's count.
  mutating func forgetSilence(of slot: Int) {
    guard silent.contains(slot) else { return }
    zones.countSilent(rows[slot].zone, isOverdue: overdue.contains(slot), by: -1)
    silent.remove(slot)
    overdue.remove(slot)
  }

  /// Was the worker overdue when the census came to it, and has been in the same zone since?
  func isCountedOverdue(_ slot: Int) -> Bool {
    overdue.contains(slot)
  }
}
