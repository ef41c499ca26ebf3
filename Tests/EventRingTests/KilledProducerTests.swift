import CRingmaster
import EventRing
import Foundation
import Glibc
import Platform
import SeededRandom
import Testing

/// A producer in a process of its own, killed wherever it happens to be, again and again, on one and the same ring.
@Suite(.serialized) struct KilledProducerTests {
  private static let rounds = ProcessInfo.processInfo.environment["RINGMASTER_SOAK"] == "1" ? 1000 : 50

  /// Reads what the writer publishes as long as it lives.
  private func readUntilDeath(of child: pid_t, _ reader: inout NumberedReader) throws {
    let deadline = Deadline()
    var end: ProcessEnd?
    defer {
      if end == nil {
        kill(child, SIGKILL)
        _ = ProcessLaunch.end(of: child, waits: true)
      }
    }
    while true {
      if try reader.readBatch(slots: 40) > 0 || reader.readOne() { continue }
      reader.consumer.release()
      end = ProcessLaunch.end(of: child, waits: false)
      if end != nil { break }
      guard !deadline.isOver else { throw Damage("the writer does not die") }
      Machine.yield()
    }
    guard end == .signal(SIGKILL) else { throw Damage("the writer \(end.map { "\($0)" } ?? "is gone")") }
  }

  /// Did the writer leave continuation slots without their head?
  private func isCutOff(_ ring: borrowing SharedRing, at position: UInt64) -> Bool {
    let place = RingPlace(ring)
    return (1..<UInt64(ring.layout.maximumRecordSlots)).contains { ahead in
      rm_load_relaxed_u64(place.base + place.slotOffset(position + ahead)) == position + ahead + 1
    }
  }

  @Test(arguments: [64, 2048]) func nothingTornIsEverReadAndNothingPublishedIsLost(capacity: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let name = uniqueName("killed\(capacity)")
    let ring = try SharedRing.create(
      name: name, capacity: capacity, owner: RingOwner(peer: 1), direction: RM_SUBMISSION)
    defer { SharedMemory.unlink(name: name) }
    var reader = NumberedReader(ring.consumer())
    var cutOff = 0
    do {
      for round in 0..<Self.rounds {
        // Numbers of its own, so that what it writes over the record its predecessor was cut off in is another length.
        reader.expect(number: UInt64(round) << 24)
        let lifetimeUs = 1 + random.next() % 600
        let child = try RingWriterProcess.start(ring: name, number: reader.nextNumber, lifetimeUs: lifetimeUs)
        try readUntilDeath(of: child, &reader)
        while try reader.readBatch(slots: reader.consumer.layout.capacity) > 0 {}
        reader.consumer.release()
        let position = reader.consumer.position
        if isCutOff(ring, at: position) { cutOff += 1 }
        // The published position lags: by less than its interval and the record that the writer died behind.
        let announced = rm_load_relaxed_u64(ring.memory.base + Int(RM_PUBLISHED_OFFSET))
        let interval = min(UInt64(RM_PUBLISHED_LAG), UInt64(capacity) / 4)
        guard announced <= position, position - announced < interval + UInt64(ring.layout.maximumRecordSlots) else {
          throw Damage("round \(round): announced \(announced), read up to \(position)")
        }
      }
    } catch {
      Issue.record("seed \(seed): \(error)")
    }
    print("cut off: capacity \(capacity), \(cutOff) of \(Self.rounds), \(reader.records) records")
    #expect(reader.records > 0, "seed \(seed)")
    // Enough rounds for some of the kills to have come in the middle of a record.
    if Self.rounds >= 1000 { #expect(cutOff > 0, "seed \(seed)") }
  }
}
