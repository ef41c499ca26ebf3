import CRingmaster
import Platform

/// The reading side of a ring: one owner, one thread at a time, no locks, no system calls, no allocation.
///
/// Everything in the ring is the other process's word. Records are copied out, then the copy is checked; nothing is read
/// twice. What it can do at worst is to be found out (`RingFault`) or to publish nothing more.
@frozen
public struct RingConsumer: ~Copyable {
  /// Positions are released every so many slots while busy, so that the line of the released position seldom moves.
  @usableFromInline static let releaseInterval: UInt64 = 64
  /// Does this processor gain when the consumer takes lines over?
  public static let gainsByTakingLinesOver = rm_upgrades_few_lines() != 0
  /// Slots released at once from which on it pays to take their lines over.
  @usableFromInline static let takeoverThreshold: UInt64 = 16

  @usableFromInline let base: UnsafeMutableRawPointer
  @usableFromInline let slots: UnsafeMutableRawPointer
  @usableFromInline let mask: UInt64
  @usableFromInline var next: UInt64
  @usableFromInline var freed: UInt64
  @usableFromInline let takesLinesOver: Bool
  /// Slots from here on are read and kept: `release` stops before them.
  public var holdPosition: UInt64 = .max
  public let layout: RingLayout

  /// - Parameters:
  ///   - base: of the mapped ring; must stay mapped for the life of the consumer.
  ///   - position: of the first record to read; everything before it is given back to the producer.
  ///   - takesLinesOver: makes the lines of what it has read its own before it gives them back; costs or gains speed alone.
  @inlinable
  public init(
    base: UnsafeMutableRawPointer, layout: RingLayout, position: UInt64 = 0,
    takesLinesOver: Bool = Self.gainsByTakingLinesOver
  ) {
    self.base = base
    self.slots = base + Int(RM_SLOTS_OFFSET)
    self.layout = layout
    self.mask = UInt64(layout.capacity) - 1
    self.next = position
    self.freed = position
    self.takesLinesOver = takesLinesOver
    // The consumer before this one may have read more than it released, and a full ring would wait for ever.
    if position > 0 { rm_store_release_u64(base + Int(RM_RELEASED_OFFSET), position) }
  }

  /// The position of the next record.
  @inlinable
  public var position: UInt64 {
    next
  }

  /// Slots below this are the producer's again.
  @inlinable
  public var released: UInt64 {
    freed
  }

  @inlinable
  func slot(_ position: UInt64) -> UnsafeMutableRawPointer {
    slots + Int(truncatingIfNeeded: (position & mask) &* UInt64(RM_SLOT_SIZE))
  }

  /// Is there a record at the read position? Partner: the release store that publishes it in `RingProducer.tryPublish`.
  @inlinable
  public func isPublished() -> Bool {
    rm_load_acquire_u64(slot(next)) == next &+ 1
  }

  /// Copies the payload at the read position out; nil when nothing is published there. Does not advance.
  @inlinable
  public func head<Payload: BitwiseCopyable>(as type: Payload.Type) -> Payload? {
    precondition(MemoryLayout<Payload>.size == Int(RM_SLOT_PAYLOAD), "a payload is 56 bytes")
    guard isPublished() else { return nil }
    return unsafeBitCast(rm_load_payload(slot(next) + 8), to: type)
  }

  /// Copies the payloads of the slots that are published from the read position on, in order. Does not advance: look at
  /// them all, then `advance(by:)` over the whole records among them; the last one may be cut off by the end of the batch.
  ///
  /// - Parameter batch: room for the payloads, 56 bytes each.
  /// - Returns: how many there are; 0 when nothing is published.
  @inlinable
  public func copyPublished<Payload: BitwiseCopyable>(into batch: UnsafeMutableBufferPointer<Payload>) -> Int {
    precondition(MemoryLayout<Payload>.size == Int(RM_SLOT_PAYLOAD), "a payload is 56 bytes")
    precondition(batch.count <= layout.capacity, "a batch is at most the ring")
    guard let to = batch.baseAddress else { return 0 }
    var count = 0
    // In order: behind a slot that is not published lie those of a batch whose head is still to come.
    while count < batch.count {
      let position = next &+ UInt64(truncatingIfNeeded: count)
      guard rm_load_acquire_u64(slot(position)) == position &+ 1 else { break }
      rm_copy_payload(to + count, slot(position))
      count &+= 1
    }
    return count
  }

  /// How far the producer says that it has come: to be checked now and then by `fault`.
  @inlinable
  public var claimedPublished: UInt64 {
    rm_load_relaxed_u64(base + Int(RM_PUBLISHED_OFFSET))
  }

  /// What no producer writes that keeps to the protocol: a position that goes back or beyond what the ring can hold, or a
  /// sequence that is neither the next nor that of the lap before. Nothing depends on it: a ring in which such a thing
  /// stands is only never read any further.
  ///
  /// - Parameters:
  ///   - claimed: `claimedPublished`, copied.
  ///   - earlier: the same, when last looked at.
  public func fault(claimed: UInt64, earlier: UInt64) -> RingFault? {
    let capacity = UInt64(layout.capacity)
    guard claimed >= earlier, claimed <= next &+ capacity else {
      return .impossiblePosition(claimed, earlier: earlier, limit: next &+ capacity)
    }
    let sequence = rm_load_relaxed_u64(slot(next))
    guard sequence == next &+ 1 || sequence == 0 || sequence == next &+ 1 &- capacity else {
      return .impossibleSequence(sequence, expected: next &+ 1)
    }
    return nil
  }

  /// Begins to fetch the slot at the read position: call some work ahead of reading from another ring than the last.
  @inlinable
  public func prefetch() {
    rm_prefetch_for_read(slot(next))
  }

  /// Looks whether the record at the read position can have so many slots.
  ///
  /// - Throws: `RingFault.impossibleLength`.
  public func checkLength(slots count: Int) throws(RingFault) {
    guard count >= 1, count <= layout.maximumRecordSlots else {
      throw .impossibleLength(slots: count, maximum: layout.maximumRecordSlots)
    }
  }

  /// Copies the continuation slots of the record at the read position, whose head has been copied and checked.
  ///
  /// - Parameters:
  ///   - slots: of the whole record.
  ///   - buffer: room for `slots - 1` payloads.
  /// - Throws: `RingFault` when the record is longer than the ring allows or its continuation was never published.
  public func copyContinuation(
    slots count: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(RingFault) {
    let payloadSize = Int(RM_SLOT_PAYLOAD)
    try checkLength(slots: count)
    precondition(buffer.count >= (count - 1) * payloadSize, "the buffer holds the longest record")
    for index in 1..<max(count, 1) {
      let here = slot(next &+ UInt64(index))
      // The head's acquire load ordered this; a well-behaved producer wrote it before the head.
      guard rm_load_relaxed_u64(here) == next &+ UInt64(index) &+ 1 else {
        throw .missingContinuation(slot: index)
      }
      let payload = rm_load_payload(here + 8)
      buffer.storeBytes(of: payload, toByteOffset: (index - 1) * payloadSize, as: rm_payload.self)
    }
  }

  /// Moves past a record of `count` slots; releases them now and then.
  @inlinable
  public mutating func advance(by count: Int = 1) {
    next = next &+ UInt64(count)
    releaseIfDue()
  }

  /// Moves past one slot whose record is not handled yet: call `releaseIfDue` once it is.
  @inlinable
  public mutating func pass() {
    next = next &+ 1
  }

  @inlinable
  public mutating func releaseIfDue() {
    if next &- freed >= Self.releaseInterval { release() }
  }

  /// Gives everything read so far back to the producer: call when idle. Partner: the acquire load in
  /// `RingProducer.hasRoom`.
  @inlinable
  @inline(__always)
  public mutating func release() {
    let end = min(next, holdPosition)
    guard freed < end else { return }
    if takesLinesOver, end &- freed >= Self.takeoverThreshold { takeLinesOver(to: end) }
    freed = end
    rm_store_release_u64(base + Int(RM_RELEASED_OFFSET), end)
  }

  /// Notes how far this side has come, for whoever goes on with the ring after it.
  public func stamp(epoch: UInt64, transaction: UInt64) {
    let place = base + Int(RM_CONSUMER_STAMP_OFFSET)
    rm_store_relaxed_u64(place, epoch)
    rm_store_relaxed_u64(place + 8, transaction)
  }

  /// Stores the sequences of the slots read once more, so that their lines are this side's alone, as `ringmaster.h` has
  /// it. Many at once and not each as it is read: a reply's stores would wait behind them.
  @inlinable
  func takeLinesOver(to end: UInt64) {
    var position = freed
    while position != end {
      rm_store_relaxed_u64(slot(position), position &+ 1)
      position = position &+ 1
    }
  }

  /// Announces that this side is about to sleep, and looks once more. Partner: `RingProducer.consumerIsParked(.fence)`.
  ///
  /// - Returns: false when a record arrived meanwhile: do not sleep. After true, and after waking, call `unpark`.
  public func park() -> Bool {
    announcePark()
    rm_fence_seq_cst()
    return confirmPark()
  }

  /// The first half of `park`, for many rings at once: a barrier has to follow, then `confirmPark`.
  public func announcePark() {
    rm_store_relaxed_u32(base + Int(RM_CONSUMER_PARKED_OFFSET), 1)
  }

  /// The second half of `park`.
  public func confirmPark() -> Bool {
    if isPublished() {
      unpark()
      return false
    }
    return true
  }

  public func unpark() {
    rm_store_relaxed_u32(base + Int(RM_CONSUMER_PARKED_OFFSET), 0)
  }

  /// Up to when the producer says that it has published all that had come to it (CLOCK_BOOTTIME); 0 when it does not say.
  /// What it covers is in the ring once this has been read. Partner: `RingProducer.noteHeard`.
  public var claimedHeardNs: UInt64 {
    rm_load_acquire_u64(base + Int(RM_PRODUCER_COUNTERS_OFFSET) + 16)
  }

  /// What the producer says of itself: times full, records shed.
  public func producerCounters() -> (full: UInt64, shed: UInt64) {
    let counters = base + Int(RM_PRODUCER_COUNTERS_OFFSET)
    return (rm_load_relaxed_u64(counters), rm_load_relaxed_u64(counters + 8))
  }
}

/// A producer broke the protocol of its ring.
public enum RingFault: Error, Hashable, Sendable, CustomStringConvertible {
  case impossibleLength(slots: Int, maximum: Int)
  case missingContinuation(slot: Int)
  case impossiblePosition(UInt64, earlier: UInt64, limit: UInt64)
  case impossibleSequence(UInt64, expected: UInt64)

  public var description: String {
    switch self {
    case .impossibleLength(let slots, let maximum):
      "a record claims \(slots) slots; 1 to \(maximum) are possible in this ring"
    case .missingContinuation(let slot): "slot \(slot) of a published record was never written"
    case .impossiblePosition(let position, let earlier, let limit):
      "its ring claims to be published up to \(position); \(earlier) to \(limit) are possible"
    case .impossibleSequence(let sequence, let expected):
      "a slot of its ring has sequence \(sequence), where \(expected) or that of the lap before is possible"
    }
  }
}
