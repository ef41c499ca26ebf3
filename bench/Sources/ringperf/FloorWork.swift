import CRingmaster
import CRingperf

/// The bare exchange of one cache line between two processors: no ring can be faster.
enum FloorWork {
  static func bounce(_ gate: borrowing Gate, ticks: UnsafeMutableBufferPointer<UInt64>, sharedLine: Bool) {
    let own = gate.bounceWord(0, shared: sharedLine)
    let other = gate.bounceWord(1, shared: sharedLine)
    var before = rp_ticks()
    for index in 0..<ticks.count {
      let number = UInt64(truncatingIfNeeded: index) &+ 1
      rm_store_release_u64(own, number)
      while rm_load_acquire_u64(other) != number { rm_pause() }
      let now = rp_ticks()
      ticks[index] = now &- before
      before = now
    }
  }

  static func bounceBack(_ gate: borrowing Gate, rounds: UInt64, sharedLine: Bool) {
    let own = gate.bounceWord(1, shared: sharedLine)
    let other = gate.bounceWord(0, shared: sharedLine)
    var number: UInt64 = 1
    while number <= rounds {
      while rm_load_acquire_u64(other) != number { rm_pause() }
      rm_store_release_u64(own, number)
      number &+= 1
    }
  }
}
