/// Since when the deliveries of ASSIGNED tasks are waited for: in the order of the times, which is most of the time that in
/// which they are noted. A task that was heard of leaves its entry behind; who reads passes over that.
struct DeliveryQueue: Sendable {
  struct Entry: BitwiseCopyable, Sendable {
    let sinceMs: Int64
    let task: UInt32
  }

  private var all: [Entry] = []
  private var start = 0
  private(set) var isSorted = true

  var entries: ArraySlice<Entry> { all[start...] }

  var count: Int { all.count - start }

  @inline(__always)
  mutating func append(_ task: Int, sinceMs: Int64) {
    if let last = all.last, last.sinceMs > sinceMs { isSorted = false }
    all.append(Entry(sinceMs: sinceMs, task: UInt32(task)))
  }

  var first: Entry? { start < all.count ? all[start] : nil }

  mutating func removeFirst() { start += 1 }

  /// Becomes a queue of these, which are in order.
  mutating func replaceAll(with entries: [Entry]) {
    (all, start, isSorted) = (entries, 0, true)
  }
}
