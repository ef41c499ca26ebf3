import CRingmaster
import EventRing
import Foundation
import Glibc
import Platform
import RingTestRecords
import SeededRandom
import Testing

/// Two processes, records and batches of random lengths, every word checked.
@Suite(.serialized) struct ProcessSoakTests {
  private static let records: UInt64 =
    ProcessInfo.processInfo.environment["RINGMASTER_SOAK"] == "1" ? 300_000 : 3000

  @Test(arguments: [64, 4096]) func everythingComesOverWholeAndInOrder(capacity: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let name = uniqueName("soak\(capacity)")
    let ring = try SharedRing.create(
      name: name, capacity: capacity, owner: RingOwner(peer: 1), direction: RM_SUBMISSION)
    defer { SharedMemory.unlink(name: name) }
    var reader = NumberedReader(ring.consumer())
    let child = try RingWriterProcess.start(ring: name, number: 0, lifetimeUs: 0, end: Self.records)
    do {
      let deadline = Deadline(seconds: Self.records > 10_000 ? 1200 : 60)
      while reader.nextNumber < Self.records {
        let limit = Int.random(in: 1...capacity, using: &random)
        let read = limit % 4 == 0 ? (try reader.readOne() ? 1 : 0) : try reader.readBatch(slots: limit)
        if read > 0 { continue }
        // A record longer than the batch is read by itself.
        if try reader.readOne() { continue }
        reader.consumer.release()
        guard !deadline.isOver else { throw Damage("nothing comes after record \(reader.nextNumber)") }
        Machine.yield()
      }
      #expect(reader.consumer.isPublished() == false)
    } catch {
      Issue.record("seed \(seed): \(error)")
      kill(child, SIGKILL)
    }
    #expect(ProcessLaunch.end(of: child, waits: true) == .code(0), "seed \(seed)")
    #expect(reader.nextNumber == Self.records, "seed \(seed)")
  }
}
