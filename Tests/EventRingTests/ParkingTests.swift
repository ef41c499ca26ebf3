import CRingmaster
import EventRing
import Platform
import SeededRandom
import Synchronization
import Testing

/// A consumer that sleeps on its doorbell.
@Suite(.serialized) struct ParkingTests {
  private static let rounds: UInt64 = 20_000
  /// Never reached unless a wake-up is lost.
  private static let patienceUs: Int64 = 20_000_000

  @Test func noWakeUpIsLost() throws {
    let seed = UInt64.random(in: 0 ... .max)
    let ring = try SharedRing.inProcess(capacity: 64)
    let place = RingPlace(ring)
    let bell = try Doorbell()
    let theirBell = try bell.duplicate()
    let outcome = ThreadOutcome()
    try withThread(
      { [bell = SharedBell(theirBell)] in
        outcome.record {
          var random = SeededGenerator(seed: seed)
          var producer = RingProducer(base: place.base, layout: place.layout)
          let deadline = Deadline()
          for number in 0..<Self.rounds {
            while producer.tryPublish(rm_payload(words: (number, 0, 0, 0, 0, 0, 0))) == nil {
              guard !deadline.isOver else { throw Damage("the ring stays full at \(number)") }
              Machine.yield()
            }
            if producer.consumerIsParked() { bell.ring() }
            for _ in 0..<(random.next() % 800) { rm_pause() }
          }
        }
      },
      meanwhile: {
        var consumer = ring.consumer()
        var naps = 0
        var number: UInt64 = 0
        while number < Self.rounds {
          if let head = consumer.head(as: rm_payload.self) {
            guard head.words.0 == number else { throw Damage("\(head.words.0) came in place of \(number)") }
            consumer.advance()
            number += 1
            continue
          }
          consumer.release()
          guard consumer.park() else { continue }
          naps += 1
          let start = Clock.monotonicNs()
          while !Poll.readable(bell.descriptor.raw, timeoutUs: Self.patienceUs) {
            guard Clock.monotonicNs() - start < UInt64(Self.patienceUs) * 1000 else {
              throw Damage("seed \(seed): it slept through record \(number)")
            }
          }
          consumer.unpark()
          bell.answer()
        }
        #expect(naps > 100, "seed \(seed)")
      })
    #expect(outcome.failure == nil, "seed \(seed)")
  }

  @Test func parkingSeesARecordThatIsThereAlready() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    let consumer = ring.consumer()
    #expect(producer.consumerIsParked() == false)
    #expect(consumer.park() == true)
    #expect(producer.consumerIsParked() == true)
    #expect(producer.tryPublish(rm_payload()) == 0)
    #expect(producer.consumerIsParked() == true)
    consumer.unpark()
    #expect(producer.consumerIsParked() == false)
    #expect(consumer.park() == false)
    #expect(producer.consumerIsParked() == false)
  }

  @Test func aDoorbellRingsUntilItIsAnswered() throws {
    let bell = try Doorbell()
    let other = try bell.duplicate()
    #expect(!Poll.readable(bell.descriptor.raw, timeoutUs: 0))
    for _ in 0..<3 { other.ring() }
    #expect(Poll.readable([bell.descriptor.raw, other.descriptor.raw], timeoutMs: 0) == [true, true])
    bell.answer()
    #expect(!Poll.readable(other.descriptor.raw, timeoutUs: 0))
    bell.answer()
    #expect(!Poll.readable(bell.descriptor.raw, timeoutUs: 1000))
  }

  /// Each of several holders has a bell of its own in a set, and answers no other by reading it.
  @Test func whoAnswersItsOwnBellAnswersNoOther() throws {
    let bells = try DoorbellSet()
    let one = try bells.add()
    let two = try bells.add()
    #expect(!Poll.readable(bells.raw, timeoutUs: 0))
    one.ring()
    two.ring()
    one.answer()
    #expect(Poll.readable(bells.raw, timeoutUs: 0))
    bells.answer()
    #expect(!Poll.readable(bells.raw, timeoutUs: 0))
    for _ in 0..<2 {
      // Nobody has read it since it last rang.
      two.ring()
      #expect(Poll.readable(bells.raw, timeoutUs: 0))
      bells.answer()
    }
    bells.ring()
    #expect(Poll.readable(bells.raw, timeoutUs: 0))
  }

  /// Objects handed to another thread and back as retained pointers, as the dispatcher's mailboxes do.
  @Test func objectsTravelBetweenThreads() throws {
    let there = try SharedRing.inProcess(capacity: 64)
    let back = try SharedRing.inProcess(capacity: 64)
    let (therePlace, backPlace) = (RingPlace(there), RingPlace(back))
    let outcome = ThreadOutcome()
    let parcels = 5000
    let deadline = Deadline()
    try withThread(
      {
        outcome.record {
          var inbox = RingConsumer(base: therePlace.base, layout: therePlace.layout)
          var outbox = RingProducer(base: backPlace.base, layout: backPlace.layout)
          for _ in 0..<parcels { try send(try receive(&inbox, deadline), &outbox, deadline) }
        }
      },
      meanwhile: {
        var outbox = there.producer()
        var inbox = back.consumer()
        var sent = 0
        for expected in 0..<parcels {
          while sent < parcels, sent - expected < 64 {
            try send(Parcel(sent), &outbox, deadline)
            sent += 1
          }
          let number = try receive(&inbox, deadline).number
          guard number == expected else { throw Damage("parcel \(number) in place of \(expected)") }
        }
      })
    #expect(outcome.failure == nil)
    #expect(Parcel.alive.load(ordering: .relaxed) == 0)
  }
}

private final class SharedBell: Sendable {
  private let bell: Doorbell

  init(_ bell: consuming Doorbell) {
    self.bell = bell
  }

  func ring() {
    bell.ring()
  }
}

private final class Parcel: Sendable {
  static let alive = Atomic<Int>(0)
  let number: Int

  init(_ number: Int) {
    self.number = number
    Self.alive.add(1, ordering: .relaxed)
  }

  deinit {
    Self.alive.subtract(1, ordering: .relaxed)
  }
}

private func send(_ parcel: Parcel, _ producer: inout RingProducer, _ deadline: Deadline) throws {
  let pointer = Unmanaged.passRetained(parcel).toOpaque()
  while producer.tryPublish(rm_payload(words: (UInt64(UInt(bitPattern: pointer)), 0, 0, 0, 0, 0, 0))) == nil {
    guard !deadline.isOver else { throw Damage("the mailbox stays full") }
    Machine.yield()
  }
}

private func receive(_ consumer: inout RingConsumer, _ deadline: Deadline) throws -> Parcel {
  while true {
    if let payload = consumer.head(as: rm_payload.self) {
      consumer.advance()
      consumer.release()
      return Unmanaged<Parcel>.fromOpaque(UnsafeRawPointer(bitPattern: UInt(payload.words.0))!).takeRetainedValue()
    }
    guard !deadline.isOver else { throw Damage("the mailbox stays empty") }
    Machine.yield()
  }
}

/// Runs `work` on a thread of its own and `body` on this one; returns when both have ended.
private func withThread(_ work: @escaping @Sendable () -> Void, meanwhile body: () throws -> Void) throws {
  let thread = try NamedThread("other", work)
  do {
    try body()
  } catch {
    Issue.record("\(error)")
  }
  thread.join()
}
