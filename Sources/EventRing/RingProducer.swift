import CRingmaster
import Platform

/// The writing side of a ring: one owner, one thread at a time, no locks, no system calls, no allocation.
///
/// A record is published by the sequence of its first slot, stored last with release order (partner: the acquire load in
/// `RingConsumer.isPublished`), so it appears whole or not at all; a producer that dies before that store has published
/// nothing. The hot calls are `@inlinable` on a `~Copyable` struct over a raw pointer: nothing in them is retained,
/// released, checked for exclusivity or dispatched dynamically. `.ci/check-hot-loops` reads the disassembly for it.
///
/// Drive it from a local variable where speed counts: its position then lives in a register, and a store to memory of its
/// own between two slots would halve the stores that the core has under way (`rm_store_slot`).
///
/// The sequence in the slot follows D. Vyukov's bounded queue, the prefetch for write ahead of the producer and the cached
/// opposite position the practice of DPDK's and Aeron's rings.
@frozen
public struct RingProducer: ~Copyable {
  /// Slots ahead of the one written whose line is taken for writing. Measured best from 8 to 32.
  @usableFromInline static let prefetchDistance: UInt64 = 16

  @usableFromInline let base: UnsafeMutableRawPointer
  @usableFromInline let slots: UnsafeMutableRawPointer
  @usableFromInline let mask: UInt64
  @usableFromInline let capacity: UInt64
  /// The published position is stored every so many slots: it is for inspection and recovery, and its line is not free.
  @usableFromInline let announcementInterval: UInt64
  @usableFromInline var next: UInt64
  /// The published position as stored.
  @usableFromInline var announced: UInt64
  /// The consumer's released position when last looked at: it only grows, so an old value is safe.
  @usableFromInline var released: UInt64
  public let layout: RingLayout

  /// Begins a new ring.
  ///
  /// - Parameter base: of the mapped ring; must stay mapped for the life of the producer.
  @inlinable
  public init(base: UnsafeMutableRawPointer, layout: RingLayout) {
    self.base = base
    self.slots = base + Int(RM_SLOTS_OFFSET)
    self.layout = layout
    self.capacity = UInt64(layout.capacity)
    self.mask = UInt64(layout.capacity) - 1
    self.announcementInterval = min(UInt64(RM_PUBLISHED_LAG), UInt64(layout.capacity) / 4)
    self.next = 0
    self.announced = 0
    self.released = 0
  }

  /// Goes on behind the newest whole record of a producer that ended, wherever it was when it did.
  ///
  /// - Parameter base: of the mapped ring; must stay mapped for the life of the producer.
  public init(resuming base: UnsafeMutableRawPointer, layout: RingLayout) {
    self.init(base: base, layout: layout)
    let longest = UInt64(layout.maximumRecordSlots)
    // What it had published and not announced follows in order: less than an interval, and a record.
    next = rm_load_acquire_u64(base + Int(RM_PUBLISHED_OFFSET))
    let limit = next &+ announcementInterval &+ longest
    while next != limit, isSequenced(next) { next = next &+ 1 }
    // Slots of a record or a batch whose head it never wrote would be taken for heads once the read position is there.
    for ahead in 1..<longest where isSequenced(next &+ ahead) { rm_store_relaxed_u64(slot(next &+ ahead), 0) }
    announce()
    let seen = rm_load_acquire_u64(base + Int(RM_RELEASED_OFFSET))
    released = next &- seen <= capacity ? seen : next &- min(next, capacity)
  }

  private func isSequenced(_ position: UInt64) -> Bool {
    rm_load_relaxed_u64(slot(position)) == position &+ 1
  }

  /// The position that the next record will have.
  @inlinable
  public var position: UInt64 {
    next
  }

  @inlinable
  func slot(_ position: UInt64) -> UnsafeMutableRawPointer {
    slots + Int(truncatingIfNeeded: (position & mask) &* UInt64(RM_SLOT_SIZE))
  }

  /// Are so many slots free, by a fresh look at the consumer's position when the cached one does not show them?
  @inlinable
  @inline(__always)
  public mutating func hasRoom(_ wanted: UInt64) -> Bool {
    if next &+ wanted &- released <= capacity { return true }
    // Partner: the release store in RingConsumer.release. The value is the other process's word: one that claims more
    // than was published is ignored, so that a hostile consumer can stop this ring but not make it overwrite itself.
    let seen = rm_load_acquire_u64(base + Int(RM_RELEASED_OFFSET))
    if seen > released, seen <= next { released = seen }
    return next &+ wanted &- released <= capacity
  }

  /// Takes a line for writing that will be written soon, if it is free.
  @inlinable
  func prefetch(ahead position: UInt64) {
    let ahead = position &+ Self.prefetchDistance
    if ahead &- released < capacity { rm_prefetch_for_write(slot(ahead)) }
  }

  /// Publishes a record of one slot.
  ///
  /// Always inlined, so that the payload stays in registers: written to the stack in parts and read back in pairs it would
  /// wait, each time, until the stores to the ring before it have left the core.
  ///
  /// - Returns: its position, or nil when the ring is full.
  @inlinable
  @inline(__always)
  public mutating func tryPublish<Payload: BitwiseCopyable>(_ payload: Payload) -> UInt64? {
    precondition(MemoryLayout<Payload>.size == Int(RM_SLOT_PAYLOAD), "a payload is 56 bytes")
    guard hasRoom(1) else {
      countFull()
      return nil
    }
    prefetch(ahead: next)
    rm_store_slot(slot(next), unsafeBitCast(payload, to: rm_payload.self), next &+ 1)
    let published = next
    next = published &+ 1
    if next &- announced >= announcementInterval { announce() }
    return published
  }

  /// Publishes records of one slot each, with one look at the room for all of them. Each appears as it is written.
  ///
  /// - Parameters:
  ///   - count: of records; 1 to `layout.maximumRecordSlots`.
  ///   - payload: makes the payload of the record with this index; called once for each, from 0 on.
  /// - Returns: the position of the first, or nil when the ring has no room for all of them.
  @inlinable
  public mutating func tryPublish<Payload: BitwiseCopyable>(
    records count: Int, _ payload: (_ index: Int) -> Payload
  ) -> UInt64? {
    precondition(MemoryLayout<Payload>.size == Int(RM_SLOT_PAYLOAD), "a payload is 56 bytes")
    precondition(count >= 1 && count <= layout.maximumRecordSlots, "a batch is at most a quarter of the ring")
    guard hasRoom(UInt64(truncatingIfNeeded: count)) else {
      countFull()
      return nil
    }
    let first = next
    var index = 0
    while index < count {
      prefetch(ahead: next)
      rm_store_slot(slot(next), unsafeBitCast(payload(index), to: rm_payload.self), next &+ 1)
      next = next &+ 1
      index &+= 1
    }
    if next &- announced >= announcementInterval { announce() }
    return first
  }

  /// Publishes a batch: `count` slots that appear together, at one store, or not at all.
  ///
  /// A batch is any run of records, those of several slots included: their payloads follow each other, each head first.
  ///
  /// - Parameters:
  ///   - count: slots; 1 to `layout.maximumRecordSlots`.
  ///   - payload: makes the payload of the slot with this index; called once for each, from 0 on.
  /// - Returns: the position of the first slot, or nil when the ring has no room for all of them.
  @inlinable
  public mutating func tryPublish<Payload: BitwiseCopyable>(
    slots count: Int, _ payload: (_ index: Int) -> Payload
  ) -> UInt64? {
    precondition(MemoryLayout<Payload>.size == Int(RM_SLOT_PAYLOAD), "a payload is 56 bytes")
    precondition(count >= 1 && count <= layout.maximumRecordSlots, "a batch is at most a quarter of the ring")
    let wanted = UInt64(truncatingIfNeeded: count)
    guard hasRoom(wanted) else {
      countFull()
      return nil
    }
    let head = unsafeBitCast(payload(0), to: rm_payload.self)
    var index = 1
    while index < count {
      let position = next &+ UInt64(truncatingIfNeeded: index)
      prefetch(ahead: position)
      rm_store_slot(slot(position), unsafeBitCast(payload(index), to: rm_payload.self), position &+ 1)
      index &+= 1
    }
    // Orders all of the others before it; the one that the consumer waits for is touched last and once.
    rm_store_slot(slot(next), head, next &+ 1)
    let published = next
    next = published &+ wanted
    if next &- announced >= announcementInterval { announce() }
    return published
  }

  /// Publishes a record of several slots.
  ///
  /// - Parameter payloads: whole payloads of 56 bytes, the head first.
  /// - Returns: the position of its head, or nil when the ring is full.
  /// - Throws: `RingError.recordTooLong`.
  public mutating func tryPublish(_ payloads: UnsafeRawBufferPointer) throws(RingError) -> UInt64? {
    let payloadSize = Int(RM_SLOT_PAYLOAD)
    precondition(!payloads.isEmpty && payloads.count % payloadSize == 0, "a record is a whole number of payloads")
    let count = UInt64(payloads.count / payloadSize)
    guard count <= layout.maximumRecordSlots else {
      throw .recordTooLong(slots: Int(count), maximum: layout.maximumRecordSlots)
    }
    guard hasRoom(count) else {
      countFull()
      return nil
    }
    let source = payloads.baseAddress!
    var index = count
    while index > 0 {
      index -= 1
      // The head's store orders all of these before it.
      prefetch(ahead: next &+ index)
      let payload = source.loadUnaligned(fromByteOffset: Int(index) * payloadSize, as: rm_payload.self)
      rm_store_slot(slot(next &+ index), payload, next &+ index &+ 1)
    }
    let published = next
    next = published &+ count
    if next &- announced >= announcementInterval { announce() }
    return published
  }

  /// Does the consumer sleep? Ask once after a burst, and wake it if so.
  ///
  /// The barrier keeps the publication from passing the look at the consumer's word; its partner stands between the
  /// store and the load of `RingConsumer.announcePark` and `confirmPark`. One of the two sides always sees the other.
  @inlinable
  public func consumerIsParked(_ barrier: ParkingBarrier = .fence) -> Bool {
    switch barrier {
    case .fence: rm_fence_seq_cst()
    case .byConsumer: rm_compiler_barrier()
    }
    return rm_load_relaxed_u32(base + Int(RM_CONSUMER_PARKED_OFFSET)) != 0
  }

  @inlinable
  mutating func announce() {
    announced = next
    rm_store_relaxed_u64(base + Int(RM_PUBLISHED_OFFSET), next)
  }

  @usableFromInline
  func countFull() {
    let counter = base + Int(RM_PRODUCER_COUNTERS_OFFSET)
    rm_store_relaxed_u64(counter, rm_load_relaxed_u64(counter) &+ 1)
  }

  /// Says that all that had come to this producer by a moment is published. Partner: `RingConsumer.claimedHeardNs`.
  ///
  /// - Parameter ns: CLOCK_BOOTTIME; to be said anew within every RM_HEARD_INTERVAL_MS.
  public func noteHeard(upToNs ns: UInt64) {
    rm_store_release_u64(base + Int(RM_PRODUCER_COUNTERS_OFFSET) + 16, ns)
  }

  /// Counts records given up because the ring was full.
  public func countShed(_ records: UInt64) {
    let counter = base + Int(RM_PRODUCER_COUNTERS_OFFSET) + 8
    rm_store_relaxed_u64(counter, rm_load_relaxed_u64(counter) &+ records)
  }
}

/// Who orders a producer's publication before its look at whether the consumer sleeps.
@frozen
public enum ParkingBarrier: Sendable, BitwiseCopyable {
  /// The producer, by a fence of its own (about 10 ns).
  case fence
  /// The consumer, by membarrier(2) before it sleeps; the producer's process is registered for it and pays a plain load.
  case byConsumer
}
