import CAllocationCounter
import CRingmaster
import EventModel
import Platform
import SeededRandom
import Synchronization
import Testing

@testable import Journal

@Suite(.serialized) struct QueueTests {
  /// One thread appends as fast as the other writes, through a queue that is always nearly full; everything arrives once and
  /// in order.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func twoThreadsLoseNothing(seed: UInt64) throws {
    let journal = try TestJournal()
    var writer = try journal.open(calls: FaultyDisk().calls(syncs: false))
    var appender = writer.appender()
    var random = SeededGenerator(seed: seed)
    let isDone = Atomic<Bool>(false)
    let commits = Mutex<[UInt64]>([])
    let first = writer.committer()
    let waker = try first.waker()
    let committer = Mutex<JournalCommitter?>(first)
    let deadline = Deadline()
    try withThread("committer") {
      var mine = committer.withLock { $0.take()! }
      mine.run(
        spins: 3,
        afterTurn: { progress, counters in
          expect(progress == .committed)
          commits.withLock { $0.append(counters.records) }
        }, until: { isDone.load(ordering: .acquiring) })
    } during: {
      defer {
        isDone.store(true, ordering: .releasing)
        waker.ring()
      }
      var number: UInt64 = 0
      while number < 4000, !deadline.isOver {
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          let text = String(repeating: "q", count: Int.random(in: 0...900, using: &random))
          guard try appender.append(sampleRecord(number, text: text)) != nil else { break }
          number += 1
        }
        appender.seal(stateHash: number, lastTransaction: number, timeMs: 0)
      }
      expect(number >= 4000, "seed \(seed): only \(number) records went through")
    }
    expect(appender.durable == appender.lastRecord)
    expect(appender.backlogBytes == 0)
    var expected: UInt64 = 0
    var reader = try JournalReader.open(folder: journal.folder, mode: .recover)
    _ = try reader.findEnd { commit in
      for record in commit.records() {
        switch record {
        case .event(let journaled):
          #expect(journaled.event.id.position == expected, "seed \(seed)")
          expected += 1
        case .turn(let turn): #expect(turn.stateHash == expected, "seed \(seed)")
        default: Issue.record("seed \(seed): \(record)")
        }
      }
    }
    #expect(expected >= 4000)
    #expect(commits.withLock { !$0.isEmpty })
  }

  @Test func appendingAllocatesNothing() throws {
    let journal = try TestJournal()
    var writer = try journal.open(calls: FaultyDisk().calls(syncs: false))
    var appender = writer.appender()
    var committer = writer.committer()
    let record = sampleRecord(1, text: "a reason that is longer than fits into a string itself")
    let event = Event.jobCancelled(.name("some job of a name"), reason: "none at all, but told at length").stamped(
      id: EventID(peer: 1, position: 1), timestampMs: 1)
    try withRingForm(of: event) { ringForm in
      var allocations: UInt64 = 0
      var appended = 0
      for round in 0..<200 {
        let before = allocation_count_of_this_thread()
        for _ in 0..<8 {
          if try appender.append(record) != nil { appended += 1 }
        }
        if appender.append(ringForm, id: event.id, slots: 2, timestampMs: 1, wantsResult: true) != nil {
          appended += 1
        }
        appender.seal(stateHash: 1, lastTransaction: 1, timeMs: 1)
        _ = appender.durable
        if round > 0 { allocations += allocation_count_of_this_thread() - before }
        _ = committer.turn()
      }
      #expect(appended == 200 * 9)
      #expect(allocations == 0, "\(allocations) allocations for \(appended) records")
    }
  }

  @Test func mirroredMemoryContinuesAtItsBeginning() throws {
    let memory = try MirroredMemory(size: 4096)
    memory.base.storeBytes(of: 0x0102_0304_0506_0708, toByteOffset: 4092, as: UInt64.self)
    expect(memory.base.load(as: UInt32.self) == 0x0102_0304)
    memory.base.storeBytes(of: 0xFF, as: UInt8.self)
    expect(memory.base.load(fromByteOffset: 4096, as: UInt8.self) == 0xFF)
  }
}

/// Runs `body` on another thread while this one runs `work`.
func withThread(
  _ name: String, _ body: @escaping () -> Void, during work: () throws -> Void
) throws {
  struct Unchecked: @unchecked Sendable { let body: () -> Void }
  let unchecked = Unchecked(body: body)
  let thread = try NamedThread(name) { unchecked.body() }
  let result = Result { try work() }
  thread.join()
  try result.get()
}
