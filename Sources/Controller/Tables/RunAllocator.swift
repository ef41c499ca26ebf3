/// Hands out runs of neighbouring slots, one run a job, and takes them back.
///
/// Runs come in sizes of which there are four to a power of two, so at most a fifth of a run is unused and every free
/// run of a size fits every request of that size: both operations take constant time.
struct RunAllocator: ~Copyable, Sendable {
  private static var sizeClasses: Int { 64 }

  /// First slots of the free runs by size class; the last freed is the first reused.
  private var freeRuns: [[UInt32]] = Array(repeating: [], count: sizeClasses)
  /// The sum of the digests of the free runs.
  private(set) var digestSum: UInt64 = 0
  /// Slots handed out at least once.
  private(set) var slotCount = 0

  /// The first slot of a run for `count` slots.
  mutating func allocate(_ count: Int) -> Int {
    precondition(count > 0, "a run has a slot at least")
    let sizeClass = Self.sizeClass(of: count)
    if let start = freeRuns[sizeClass].popLast() {
      digestSum &-= Self.digest(sizeClass, position: freeRuns[sizeClass].count, start)
      return Int(start)
    }
    let start = slotCount
    slotCount += Self.capacity(for: count)
    return start
  }

  mutating func free(start: Int, count: Int) {
    precondition(count > 0 && start >= 0 && start + count <= slotCount, "what is freed was allocated")
    let sizeClass = Self.sizeClass(of: count)
    digestSum &+= Self.digest(sizeClass, position: freeRuns[sizeClass].count, UInt32(start))
    freeRuns[sizeClass].append(UInt32(start))
  }

  private static func digest(_ sizeClass: Int, position: Int, _ start: UInt32) -> UInt64 {
    StateDigest.ofEntry(.freeTaskRun, position: position, UInt64(sizeClass) << 32 | UInt64(start))
  }

  /// `digestSum`, made of the free runs alone.
  var recomputedDigestSum: UInt64 {
    var sum: UInt64 = 0
    for sizeClass in freeRuns.indices {
      for (position, start) in freeRuns[sizeClass].enumerated() {
        sum &+= Self.digest(sizeClass, position: position, start)
      }
    }
    return sum
  }

  /// Slots in the run that a request for `count` gets.
  static func capacity(for count: Int) -> Int {
    let step = step(for: count)
    return ((count + (1 << step) - 1) >> step) << step
  }

  /// Every free run, in the order in which `restore` must be given them.
  var savedFreeRuns: [SavedTaskRun] {
    var runs: [SavedTaskRun] = []
    for sizeClass in freeRuns.indices {
      for start in freeRuns[sizeClass] {
        runs.append(SavedTaskRun(firstSlot: start, slots: UInt32(Self.capacity(ofClass: sizeClass))))
      }
    }
    return runs
  }

  mutating func restore(slotCount: Int, freeRuns saved: [SavedTaskRun]) {
    self.slotCount = slotCount
    for run in saved {
      free(start: Int(run.firstSlot), count: Int(run.slots))
    }
  }

  /// Sizes up to 8 are exact; above, they are multiples of a power of two that leaves three significant bits.
  private static func step(for count: Int) -> Int {
    max(0, Int.bitWidth - (count - 1).leadingZeroBitCount - 3)
  }

  private static func sizeClass(of count: Int) -> Int {
    let step = step(for: count)
    return step * 4 + capacity(for: count) >> step
  }

  private static func capacity(ofClass sizeClass: Int) -> Int {
    guard sizeClass > 8 else { return sizeClass }
    let step = (sizeClass - 5) / 4
    return (sizeClass - step * 4) << step
  }
}
