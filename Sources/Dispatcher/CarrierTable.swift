import Controller
import EventModel

/// Through which peer each worker was last heard of, and how far these peers have heard themselves: the silence of workers
/// whose ingest is silent is not theirs.
///
/// Outside the state, as the heartbeats are that it rests on: a replay has neither, and what is not proposed because of it is
/// in no journal. Owned by the dispatch thread.
struct CarrierTable: ~Copyable {
  /// A peer, attached or gone, that workers were heard of through.
  struct Carrier {
    let peer: UInt32
    let name: String
    /// Up to when it has published all that had come to it, on the controller's clock; nil when it does not say.
    var heardMs: Int64?
    /// It is silent, or gone, and has heard up to then.
    var silentSinceMs: Int64?
    /// The last silence that is over.
    var pastSilence: Range<Int64>?
    var isGone = false
  }

  /// What is not held against the workers in one judgement.
  struct Excuses {
    fileprivate let carriers: [Carrier]
    fileprivate let bySlot: UnsafeMutablePointer<UInt16>
    fileprivate let slots: Int
    fileprivate let asOfMs: Int64
    fileprivate let graceMs: Int64

    /// How much of the silence of a worker is its carrier's.
    func ms(_ slot: Int, lastHeartbeatMs: Int64) -> Int64 {
      guard slot < slots else { return 0 }
      let carrier = carriers[Int(bySlot[slot])]
      if let sinceMs = carrier.silentSinceMs { return min(max(asOfMs - sinceMs, 0), graceMs) }
      // What was said meanwhile may be lost: the worker has all its time again.
      guard let past = carrier.pastSilence, lastHeartbeatMs < past.upperBound else { return 0 }
      return min(past.upperBound - past.lowerBound, graceMs)
    }
  }

  /// By number; the first is that of workers that nothing was heard of since the start.
  private var carriers = [Carrier(peer: 0, name: "")]
  private var newest = 0
  /// The number of each worker's carrier.
  private var bySlot: UnsafeMutablePointer<UInt16>
  private var slots = 0

  init() {
    bySlot = .allocate(capacity: 0)
  }

  deinit {
    bySlot.deallocate()
  }

  /// - Returns: the number of a new peer: that of one that has long gone, once all were used.
  mutating func insert(peer: UInt32, name: String) -> UInt16 {
    let carrier = Carrier(peer: peer, name: name)
    if carriers.count <= Int(UInt16.max) {
      carriers.append(carrier)
      newest = carriers.count - 1
    } else {
      // There are more numbers than peers that can be attached.
      repeat { newest = newest % Int(UInt16.max) + 1 } while !carriers[newest].isGone
      carriers[newest] = carrier
    }
    return UInt16(newest)
  }

  /// Those that have a number, with the one of nobody.
  var count: Int { carriers.count }

  /// The peer of a number.
  subscript(carrier: UInt16) -> Carrier {
    get { carriers[Int(carrier)] }
    set { carriers[Int(carrier)] = newValue }
  }

  /// Notes through whom these workers were heard of, all of them known.
  ///
  /// - Parameter count: slots of the table of workers.
  @inline(__always)
  mutating func note(_ batch: borrowing HeartbeatBatch, through carrier: UInt16, slots count: Int) {
    if count > slots { grow(toSlots: count) }
    for index in 0..<batch.count { bySlot[Int(batch.heartbeats[index].worker.index)] = carrier }
  }

  mutating func note(_ worker: WorkerHandle, through carrier: UInt16) {
    let slot = Int(worker.index)
    if slot >= slots { grow(toSlots: slot + 1) }
    bySlot[slot] = carrier
  }

  @inline(never)
  private mutating func grow(toSlots count: Int) {
    let capacity = max(count, slots * 2, 1024)
    let larger = UnsafeMutablePointer<UInt16>.allocate(capacity: capacity)
    larger.moveInitialize(from: bySlot, count: slots)
    (larger + slots).initialize(repeating: 0, count: capacity - slots)
    bySlot.deallocate()
    bySlot = larger
    slots = capacity
  }

  /// Valid until the next worker is noted.
  func excuses(asOfMs: Int64, graceMs: Int64) -> Excuses {
    Excuses(carriers: carriers, bySlot: bySlot, slots: slots, asOfMs: asOfMs, graceMs: graceMs)
  }
}
