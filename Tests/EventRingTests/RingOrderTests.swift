import CRingmaster
import EventRing
import Platform
import SeededRandom
import Synchronization
import Testing

/// Order and integrity of records, through one thread and through two.
@Suite struct RingOrderTests {
  @Test(arguments: [64, 256, 2048], [false, true])
  func randomBatchesOfRandomLengthsComeOutAsTheyWentIn(capacity: Int, takesLinesOver: Bool) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let ring = try SharedRing.inProcess(capacity: capacity)
    var writer = NumberedWriter(ring.producer())
    var reader = NumberedReader(ring.consumer(takesLinesOver: takesLinesOver))
    do {
      // Enough for every slot to be written some hundred times.
      while writer.producer.position < UInt64(capacity) * 100 {
        var batch = Int.random(in: 1...40, using: &random)
        while batch > 0, try writer.writeOne() { batch -= 1 }
        #expect(writer.producer.unreleased <= capacity, "seed \(seed)")
        batch = Int.random(in: 1...40, using: &random)
        while batch > 0, try reader.readOne() { batch -= 1 }
        if batch > 0 || Bool.random(using: &random) { reader.consumer.release() }
      }
      while try reader.readOne() {}
    } catch {
      Issue.record("seed \(seed): \(error)")
    }
    #expect(reader.nextNumber == writer.nextNumber, "seed \(seed)")
    #expect(reader.consumer.position == writer.producer.position, "seed \(seed)")
  }

  @Test(arguments: [64, 1024], [false, true])
  func twoThreadsLoseAndTearNothing(capacity: Int, takesLinesOver: Bool) throws {
    let seed = UInt64.random(in: 0 ... .max)
    let records: UInt64 = 20_000
    let ring = try SharedRing.inProcess(capacity: capacity)
    let place = RingPlace(ring)
    let outcome = ThreadOutcome()
    let thread = try NamedThread("writer") {
      outcome.record {
        var random = SeededGenerator(seed: seed)
        let deadline = Deadline()
        var writer = NumberedWriter(RingProducer(base: place.base, layout: place.layout))
        while writer.nextNumber < records {
          guard try writer.writeOne() else {
            guard !deadline.isOver else { throw Damage("the ring stays full at \(writer.nextNumber)") }
            Machine.yield()
            continue
          }
          if Int.random(in: 0..<64, using: &random) == 0 { Machine.yield() }
        }
      }
    }
    var reader = NumberedReader(ring.consumer(takesLinesOver: takesLinesOver))
    var random = SeededGenerator(seed: seed &+ 1)
    let deadline = Deadline()
    do {
      while reader.nextNumber < records {
        if try reader.readOne() {
          if Int.random(in: 0..<64, using: &random) == 0 { reader.consumer.release() }
          continue
        }
        reader.consumer.release()
        guard !deadline.isOver else { throw Damage("nothing comes after \(reader.nextNumber)") }
        Machine.yield()
      }
    } catch {
      Issue.record("seed \(seed): \(error)")
    }
    thread.join()
    #expect(outcome.failure == nil, "seed \(seed)")
    #expect(reader.consumer.isPublished() == false)
  }

  @Test func aPayloadIsNotMovedByLookingAtIt() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    var consumer = ring.consumer()
    #expect(consumer.head(as: rm_payload.self)?.words.0 == nil)
    #expect(producer.tryPublish(rm_payload(words: (11, 0, 0, 0, 0, 0, 0))) == 0)
    #expect(producer.tryPublish(rm_payload(words: (12, 0, 0, 0, 0, 0, 0))) == 1)
    #expect(consumer.head(as: rm_payload.self)?.words.0 == 11)
    #expect(consumer.head(as: rm_payload.self)?.words.0 == 11)
    consumer.advance()
    #expect(consumer.head(as: rm_payload.self)?.words.0 == 12)
    #expect(consumer.position == 1)
  }
}

/// What became of a thread's work.
final class ThreadOutcome: Sendable {
  private let thrown = Mutex<String?>(nil)

  var failure: String? {
    thrown.withLock { $0 }
  }

  func record(_ work: () throws -> Void) {
    do {
      try work()
    } catch {
      thrown.withLock { $0 = "\(error)" }
    }
  }
}
