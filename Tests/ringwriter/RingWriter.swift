import CRingmaster
import EventRing
import Glibc
import Platform
import RingTestRecords

/// Publishes numbered records as fast as it can: `ringwriter NAME FIRST-NUMBER LIFETIME-US`. A timer kills it in the
/// midst of whatever it does then; a killer on the same processor would only ever find it waiting.
@main
struct RingWriter {
  private static let preparedRecords = 128

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
    var isArmed = false
    let maximum = ring.layout.maximumRecordSlots
    let most = maximum * Int(RM_SLOT_PAYLOAD)
    let buffers = (0..<preparedRecords).map { _ in
      UnsafeMutableRawBufferPointer.allocate(byteCount: most, alignment: 16)
    }
    while true {
      // Prepared beforehand, so that most of its life is publishing.
      let records = buffers.enumerated().map { index, buffer in
        let record = number + UInt64(index)
        return NumberedRecord.fill(
          buffer, number: record, slots: NumberedRecord.slots(of: record, maximum: maximum))
      }
      if !isArmed { armKill(afterUs: lifetimeUs) }
      isArmed = true
      for record in records {
        while try producer.tryPublish(record) == nil { Machine.yield() }
      }
      number += UInt64(preparedRecords)
    }
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
