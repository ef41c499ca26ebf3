import CPlatform
import CRingmaster
import EventRing
import Glibc
import Platform
import RingTestRecords

/// Publishes numbered records as fast as it can, one at a time and in batches: `ringwriter NAME FIRST-NUMBER LIFETIME-US`.
/// A timer kills it in the midst of whatever it does then; a killer on the same processor would only ever find it waiting.
/// A fourth word, the number to stop before, takes the place of the kill.
@main
struct RingWriter {
  private static let preparedBatches = 128

  static func main() throws {
    _ = rm_set_parent_death_signal(SIGKILL)
    let name = CommandLine.arguments[1]
    guard var number = UInt64(CommandLine.arguments[2]), let lifetimeUs = Int(CommandLine.arguments[3]) else {
      preconditionFailure("FIRST-NUMBER and LIFETIME-US are numbers")
    }
    let descriptor = rm_shm_open(name, 1)
    precondition(descriptor >= 0, "the ring \(name) can be opened")
    let ring = try SharedRing.attach(FileDescriptor(owning: descriptor))
    var producer = ring.resumedProducer()
    let end = CommandLine.arguments.count > 4 ? UInt64(CommandLine.arguments[4]) : nil
    var isArmed = end != nil
    let maximum = ring.layout.maximumRecordSlots
    let most = maximum * Int(RM_SLOT_PAYLOAD)
    let buffers = (0..<preparedBatches).map { _ in
      UnsafeMutableRawBufferPointer.allocate(byteCount: most, alignment: 16)
    }
    while end.map({ number < $0 }) ?? true {
      // Prepared beforehand, so that most of its life is publishing.
      let batches = buffers.map { buffer in
        let count = NumberedRecord.batchSize(at: number)
        let (payloads, records) = NumberedRecord.fillBatch(
          buffer, number: number, count: min(count, end.map { Int($0 - number) } ?? count), maximum: maximum)
        number += UInt64(records)
        return (payloads, isBatch: count > 1)
      }
      if !isArmed { armKill(afterUs: lifetimeUs) }
      isArmed = true
      for (payloads, isBatch) in batches where !payloads.isEmpty {
        while try !publish(payloads, isBatch: isBatch, to: &producer) { Machine.yield() }
      }
    }
  }

  private static func publish(
    _ payloads: UnsafeRawBufferPointer, isBatch: Bool, to producer: inout RingProducer
  ) throws -> Bool {
    guard isBatch else { return try producer.tryPublish(payloads) != nil }
    let slots = payloads.bindMemory(to: rm_payload.self)
    return producer.tryPublish(slots: slots.count) { slots[$0] } != nil
  }

  private static func armKill(afterUs lifetimeUs: Int) {
    var event = sigevent()
    event.sigev_notify = Int32(SIGEV_SIGNAL)
    event.sigev_signo = SIGKILL
    var timer: timer_t?
    precondition(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "a timer can be had")
    var once = itimerspec()
    once.it_value = timespec(tv_sec: 0, tv_nsec: lifetimeUs * 1000)
    precondition(timer_settime(timer, 0, &once, nil) == 0, "the timer can be set")
  }
}
