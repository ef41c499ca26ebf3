/// Since when the deliveries of ASSIGNED tasks are waited for: in the order of the times, which is most of the time that in
/// which they are noted. A task that was heard of leaves its entry behind; who reads passes over that.
struct DeliveryQueue: Sendable {
  struct Entry: Equatable, BitwiseCopyable, Sendable {
    let sinceMs: Int64
    let task: UInt32
  }

  private var all: [Entry] = []
  private var start = 0
  private(set) var isSorted = true
  /// Entries at the beginning that need no look: their tasks were heard of, or their workers are braked.
  private(set) var passedOver = 0

  var entries: ArraySlice<Entry> { all[start...] }

  /// Those behind the ones that need no look.
  var unread: ArraySlice<Entry> { all[(start + passedOver)...] }

  mutating func passOver() { passedOver += 1 }

  /// Other workers than before may be braked.
  mutating func lookAtAllAgain() { passedOver = 0 }

  var count: Int { all.count - start }

  @inline(__always)
  mutating func append(_ task: Int, sinceMs: Int64) {
    if let last = all.last, last.sinceMs > sinceMs { isSorted = false }
    all.append(Entry(sinceMs: sinceMs, task: UInt32(task)))
  }

  var first: Entry? { start < all.count ? all[start] : nil }

  mutating func removeFirst() {
    start += 1
    passedOver = max(passedOver - 1, 0)
    guard entriesKept > Self.mostKept(of: count) else { return }
    all.removeFirst(start)
    start = 0
  }

  /// With those that were removed.
  var entriesKept: Int { all.count }

  /// Half of them are in the queue, but for a few.
  static func mostKept(of count: Int) -> Int { 64 + 2 * count }

  /// Becomes a queue of these, which are in order: each once.
  mutating func replaceAll(with entries: [Entry]) {
    all.removeAll(keepingCapacity: true)
    for entry in entries where all.last != entry { all.append(entry) }
    (start, passedOver, isSorted) = (0, 0, true)
  }
}
