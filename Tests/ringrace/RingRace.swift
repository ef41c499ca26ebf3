import CRingmaster
import EventRing
import Glibc
import Platform
import RingTestRecords

/// Both ends of a ring in two threads, for ThreadSanitizer: records, batches, parking and the attention board.
///
/// `ringrace` ends with 0 when every record came over whole; ThreadSanitizer ends it otherwise. `ringrace unordered` reads
/// slots without looking at their sequences first, which ThreadSanitizer must report, or it sees nothing of the ring.
@main
struct RingRace {
  private static let records: UInt64 = 20_000
  private static let capacity = 256
  private static let patienceUs: Int64 = 30_000_000

  static func main() throws {
    let ring = try SharedRing.inProcess(capacity: capacity)
    let shared = SharedEnds(
      base: ring.memory.base, layout: ring.layout, board: try AttentionBoard.create(), bell: try Doorbell())
    if CommandLine.arguments.dropFirst().first == "unordered" { try readUnordered(shared) }
    let thread = try NamedThread("writer") { write(shared) }
    read(shared)
    thread.join()
    print("\(records) records, no race")
  }

  private static func write(_ shared: SharedEnds) {
    var producer = RingProducer(base: shared.base, layout: shared.layout)
    let maximum = shared.layout.maximumRecordSlots
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
    defer { buffer.deallocate() }
    var number: UInt64 = 0
    while number < records {
      let wanted = min(NumberedRecord.batchSize(at: number), Int(records - number))
      let (batch, count) = NumberedRecord.fillBatch(buffer, number: number, count: wanted, maximum: maximum)
      let payloads = batch.bindMemory(to: rm_payload.self)
      while producer.tryPublish(slots: payloads.count, { payloads[$0] }) == nil { Machine.yield() }
      if producer.consumerIsParked(), shared.board.raise(0) { shared.bell.ring() }
      number += UInt64(count)
    }
  }

  private static func read(_ shared: SharedEnds) {
    var consumer = RingConsumer(base: shared.base, layout: shared.layout, takesLinesOver: true)
    let maximum = shared.layout.maximumRecordSlots
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
    defer { text.deallocate() }
    let ahead = UnsafeMutableBufferPointer<rm_payload>.allocate(capacity: 16)
    defer { ahead.deallocate() }
    var idle = IdleStrategy(spins: 20, yields: 5)
    var number: UInt64 = 0
    while number < records {
      _ = shared.board.takeRaised(group: 0)
      if consumer.copyPublished(into: ahead) > 0, let head = consumer.head(as: rm_payload.self) {
        let slots = NumberedRecord.claimedSlots(head)
        do throws(RingFault) { try consumer.copyContinuation(slots: slots, into: text) } catch {
          fatalError("record \(number): \(error)")
        }
        if let damage = NumberedRecord.damage(head: head, continuation: text, number: number, maximum: maximum) {
          fatalError(damage)
        }
        consumer.advance(by: slots)
        number += 1
        idle.reset()
        continue
      }
      consumer.release()
      guard case .park = idle.idle() else { continue }
      sleep(shared, consumer)
    }
  }

  private static func sleep(_ shared: SharedEnds, _ consumer: borrowing RingConsumer) {
    guard consumer.park() else { return }
    if shared.board.goToSleep(groups: 1) {
      guard Poll.readable(shared.bell.descriptor.raw, timeoutUs: patienceUs) else { fatalError("a wake-up was lost") }
      shared.bell.answer()
      shared.board.wakeUp()
    }
    consumer.unpark()
  }

  private static func readUnordered(_ shared: SharedEnds) throws -> Never {
    let thread = try NamedThread("writer") { write(shared) }
    thread.detach()
    let early = shared.base + Int(RM_SLOTS_OFFSET) + capacity / 4 * Int(RM_SLOT_SIZE)
    let startNs = Clock.monotonicNs()
    while rm_load_payload(early + 8).words.0 == 0, Clock.monotonicNs() - startNs < UInt64(patienceUs) * 1000 {
      Machine.yield()
    }
    print("ThreadSanitizer saw no race")
    // The writer still waits for room.
    exit(EXIT_SUCCESS)
  }
}

/// What both threads use.
private final class SharedEnds: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let layout: RingLayout
  let board: AttentionBoard
  let bell: Doorbell

  init(base: UnsafeMutableRawPointer, layout: RingLayout, board: consuming AttentionBoard, bell: consuming Doorbell) {
    self.base = base
    self.layout = layout
    self.board = board
    self.bell = bell
  }
}
