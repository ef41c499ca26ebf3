import CRingmaster
import EventRing
import Glibc
import Platform
import RingTestRecords

/// An object name that no other test and no other run uses at the same time.
func uniqueName(_ test: String = #function) -> String {
  "/ringmaster.test-\(Machine.processID())-\(test.prefix { $0.isLetter || $0.isNumber }).in"
}

/// A point in time that a test which is alive never reaches.
struct Deadline {
  private let endNs: UInt64

  init(seconds: UInt64 = 60) {
    endNs = Clock.monotonicNs() + seconds * 1_000_000_000
  }

  var isOver: Bool {
    Clock.monotonicNs() > endNs
  }
}

/// Why a test gave up.
struct Damage: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// A mapped ring that a thread may take along.
struct RingPlace: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let layout: RingLayout

  init(_ ring: borrowing SharedRing) {
    base = ring.memory.base
    layout = ring.layout
  }

  /// Overwrites a word as a hostile process would.
  func scribble(_ value: UInt64, at offset: Int) {
    rm_store_release_u64(base + offset, value)
  }

  func slotOffset(_ position: UInt64) -> Int {
    Int(RM_SLOTS_OFFSET) + Int(position % UInt64(layout.capacity)) * Int(RM_SLOT_SIZE)
  }
}

/// Writes numbered records of random lengths.
struct NumberedWriter: ~Copyable {
  var producer: RingProducer
  fileprivate let buffer: UnsafeMutableRawBufferPointer
  fileprivate(set) var nextNumber: UInt64
  /// Where the next record has to stand.
  fileprivate var nextPosition: UInt64

  init(_ producer: consuming RingProducer, number: UInt64 = 0) {
    nextPosition = producer.position
    self.producer = producer
    nextNumber = number
    buffer = .allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
  }

  deinit {
    buffer.deallocate()
  }

  /// - Returns: false when the ring is full.
  mutating func writeOne() throws -> Bool {
    let maximum = producer.layout.maximumRecordSlots
    let slots = NumberedRecord.slots(of: nextNumber, maximum: maximum)
    guard let position = try producer.tryPublish(NumberedRecord.fill(buffer, number: nextNumber, slots: slots)) else {
      return false
    }
    guard position == nextPosition else { throw Damage("record \(nextNumber) stands at \(position)") }
    nextPosition += UInt64(slots)
    nextNumber += 1
    return true
  }
}

extension NumberedWriter {
  /// Writes up to `count` records as one batch.
  ///
  /// - Returns: false when the ring has no room for it.
  mutating func writeBatch(_ count: Int) throws -> Bool {
    let (batch, records) = NumberedRecord.fillBatch(
      buffer, number: nextNumber, count: count, maximum: producer.layout.maximumRecordSlots)
    let payloads = batch.bindMemory(to: rm_payload.self)
    guard let position = producer.tryPublish(slots: payloads.count, { payloads[$0] }) else { return false }
    guard position == nextPosition else { throw Damage("batch \(nextNumber) stands at \(position)") }
    nextPosition += UInt64(payloads.count)
    nextNumber += UInt64(records)
    return true
  }
}

/// Reads numbered records and checks every word of them.
struct NumberedReader: ~Copyable {
  var consumer: RingConsumer
  private let text: UnsafeMutableRawBufferPointer
  private(set) var nextNumber: UInt64
  private(set) var records = 0

  init(_ consumer: consuming RingConsumer, number: UInt64 = 0) {
    self.consumer = consumer
    nextNumber = number
    text = .allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
  }

  deinit {
    text.deallocate()
  }

  /// - Returns: false when there is no record.
  mutating func readOne() throws -> Bool {
    guard let head = consumer.head(as: rm_payload.self) else { return false }
    let slots = NumberedRecord.claimedSlots(head)
    try consumer.copyContinuation(slots: slots, into: text)
    let maximum = consumer.layout.maximumRecordSlots
    if let damage = NumberedRecord.damage(head: head, continuation: text, number: nextNumber, maximum: maximum) {
      throw Damage("at \(consumer.position): \(damage)")
    }
    consumer.advance(by: slots)
    records += 1
    nextNumber += 1
    return true
  }

  /// Reads the whole records among the next `slots` slots at once.
  ///
  /// - Returns: how many records.
  mutating func readBatch(slots limit: Int) throws -> Int {
    let maximum = consumer.layout.maximumRecordSlots
    let batch = UnsafeMutableBufferPointer<rm_payload>.allocate(capacity: limit)
    defer { batch.deallocate() }
    let count = consumer.copyPublished(into: batch)
    var next = 0
    var read = 0
    while next < count {
      let slots = NumberedRecord.claimedSlots(batch[next])
      guard slots >= 1, slots <= maximum else { throw Damage("slot \(next) of a batch claims \(slots) slots") }
      guard next + slots <= count else {
        // Published whole, so cut off only by the end of the buffer.
        guard count == limit else { throw Damage("record \(nextNumber) was published in part") }
        break
      }
      let continuation = UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: batch[(next + 1)..<(next + slots)]))
      if let damage = NumberedRecord.damage(
        head: batch[next], continuation: continuation, number: nextNumber, maximum: maximum)
      {
        throw Damage("at \(consumer.position): \(damage)")
      }
      consumer.advance(by: slots)
      next += slots
      read += 1
      nextNumber += 1
    }
    records += read
    return read
  }

  /// The records that follow are numbered anew.
  mutating func expect(number: UInt64) {
    nextNumber = number
  }
}

/// Publishes a record of `slots` slots of one byte.
func publish(slots: Int, to producer: inout RingProducer) throws -> UInt64? {
  let record = [UInt8](repeating: 9, count: slots * Int(RM_SLOT_PAYLOAD))
  return try record.withUnsafeBytes { try producer.tryPublish($0) }
}
