import CRingmaster
import CTestSystem
import EventModel
import Foundation
import Platform
import RawPeers
import RingmasterClient
import Synchronization
import Testing

/// What the dispatcher shares with a peer, the peer holds too.
@Suite("Peers that spoil what they share", .serialized)
struct HostileHolderTests {
  @Test(.timeLimit(.minutes(5)))
  func callsThatBlockOnAPeersDoorbellsDoNotBlockTheDispatcher() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let hostile = try RawPeer(dispatcher, subscription: RM_SUBSCRIBE_TRANSACTIONS)
    let results = try SharedMemory.map(try hostile.resultDescriptor.duplicate(), writable: true, guarded: true)
    for bell in [hostile.bell.descriptor.raw, hostile.ownBell.descriptor.raw] {
      var most = UInt64.max - 1
      while write(bell, &most, 8) > 0 {}
      #expect(test_make_blocking(bell) == 0)
    }
    let parks = try dispatcher.counter(.parks)
    for number in 0..<50 {
      rm_store_relaxed_u32(results.base + Int(RM_CONSUMER_PARKED_OFFSET), 1)
      _ = try await client.dispatch(.jobSubmitted("job\(number)", request: JobRequest()))
    }
    // It sleeps and answers its own bell, too.
    #expect(try eventually { try dispatcher.counter(.parks) > parks + 10 })
    #expect(try await client.query(.jobs).count == 50)
  }

  /// Naps are as long as can be: whoever's ring is not heard waits for ever.
  @Test(.timeLimit(.minutes(5)))
  func aPeerThatAnswersTheDispatchersBellKeepsNobodyElseFromBeingHeard() async throws {
    let dispatcher = try RunningDispatcher { $0.sweepIntervalMs = 3_600_000 }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let hostile = try RawPeer(dispatcher)
    let bell = dup(hostile.bell.descriptor.raw)
    let isOver = Atomic<Bool>(false)
    let eater = try NamedThread("eater") {
      var rings = [UInt8](repeating: 0, count: 4096)
      while !isOver.load(ordering: .relaxed) { _ = read(bell, &rings, rings.count) }
    }
    for number in 0..<50 { _ = try await client.dispatch(.jobSubmitted("job\(number)", request: JobRequest())) }
    isOver.store(true, ordering: .relaxed)
    eater.join()
    close(bell)
    #expect(try await client.query(.jobs).count == 50)
  }

  @Test func onlyTheDispatcherSaysThatItSleeps() throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let status = try RawPeer(dispatcher).statusDescriptor.duplicate()
    var word: UInt32 = 1
    #expect(pwrite(status.raw, &word, 4, off_t(RM_STATUS_SLEEPING_OFFSET)) == -1 && errno == EPERM)
    #expect(ftruncate(status.raw, 0) == -1 && errno == EPERM)
    #expect(mmap(nil, Int(RM_STATUS_SIZE), PROT_WRITE, MAP_SHARED, status.raw, 0) == MAP_FAILED && errno == EPERM)
    let mapped = try #require(mmap(nil, Int(RM_STATUS_SIZE), PROT_READ, MAP_SHARED, status.raw, 0))
    #expect(mprotect(mapped, Int(RM_STATUS_SIZE), PROT_READ | PROT_WRITE) == -1 && errno == EACCES)
    munmap(mapped, Int(RM_STATUS_SIZE))
  }

  @Test func nobodyCanTakeTheBoardFromUnderTheOthers() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let hostile = try RawPeer(dispatcher)
    #expect(ftruncate(hostile.boardDescriptor.raw, 0) == -1 && errno == EPERM)
    for offset in 0..<Int(RM_BOARD_SIZE) {
      hostile.board.memory.base.storeBytes(of: 0xff, toByteOffset: offset, as: UInt8.self)
    }
    hostile.bell.ring()
    for number in 0..<50 { _ = try await client.dispatch(.jobSubmitted("job\(number)", request: JobRequest())) }
    let late = try dispatcher.client(name: "late")
    #expect(try await late.query(.jobs).count == 50)
  }
}
