import Dispatcher
import DispatcherSettings
import EventModel
import Foundation
import Journal
import Platform
import RingmasterClient
import Testing

/// A slow disk, slow readers and large jobs: everybody gets what is theirs.
@Suite("A dispatcher whose results wait", .serialized)
struct BackPressureTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path

  /// Each sync takes 20 ms.
  private static var slowDisk: DispatcherParts {
    var parts = DispatcherParts()
    parts.journalCalls.syncData = { (descriptor) throws(SystemError) in
      _ = Poll.readable(-1, timeoutUs: 20_000)
      try JournalFileCalls.system.syncData(descriptor)
    }
    return parts
  }

  private static func request(replicas: Int32, isGang: Bool = false) -> JobRequest {
    var request = JobRequest()
    request.replicas = replicas
    request.resources.milliCPU = 1
    request.coscheduled = isGang
    return request
  }

  private static func assigned(_ client: RingmasterClient, of count: Int) async throws -> Bool {
    for _ in 0..<2000 {
      let counters = try await client.query(.counters).reduce(into: [String: UInt64]()) { counters, row in
        if case .counter(let name, let value) = row { counters[name] = value }
      }
      if counters["tasks_assigned"] == UInt64(count) { return true }
    }
    return false
  }

  /// More placements than any fixed number of results that may wait.
  @Test(arguments: [false, true]) func aLargeJobStartsWholeOnASlowDisk(isGang: Bool) async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = JournalSettings(folder: folder)
    let dispatcher = try RunningDispatcher(parts: Self.slowDisk) { $0.journal = settings }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    _ = try await client.dispatch(
      .workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1_000_000))))
    let answer = try await client.dispatch(
      .jobSubmitted("large", request: Self.request(replicas: 9000, isGang: isGang)))
    #expect(answer.transaction?.actions.count == 9001)
    #expect(answer.promise == .durable)
    #expect(try await Self.assigned(client, of: 9000))
    #expect(try dispatcher.counter(.placements) == 9000, "each task is placed once")
    #expect(try dispatcher.counter(.resultOverruns) == 0)
    client.close()
  }

  /// The answer is longer than the ring of the client, which subscribes to what the submission causes.
  @Test func anAnswerIsNotPushedOutByWhatItCauses() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = JournalSettings(folder: folder)
    let dispatcher = try RunningDispatcher(parts: Self.slowDisk) {
      $0.journal = settings
      $0.resultBacklogBytes = 65_536
    }
    defer { dispatcher.stop() }
    var peer = try dispatcher.attachment(resultCapacity: 1024)
    _ = peer.subscribe(.transactions)
    _ = try peer.submission.publish(
      .workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1_000_000))),
      wantsResult: true)
    let id = try peer.submission.publish(
      .jobSubmitted("large", request: Self.request(replicas: 4500)), wantsResult: true)
    peer.submission.flush()
    #expect(try eventually { try dispatcher.counter(.placements) == 4500 })
    var answers = 0
    var seen = Set<UInt64>()
    var lost = Set<UInt64>()
    let isComplete = try eventually {
      while let message = try peer.results.next() {
        switch message {
        case .result(let result):
          if result.event.id == id { answers += 1 }
          seen.insert(result.transaction?.number ?? 0)
        case .overrun(let from, let to, _): lost.formUnion(from...to)
        default: break
        }
      }
      return seen.union(lost).count == 4502
    }
    #expect(isComplete && answers == 1)
    #expect(seen.isDisjoint(with: lost))
  }

  /// It publishes and does not read: its events wait for a while, then its oldest answers are given up, and nobody else
  /// notices.
  @Test func whoStopsReadingWaitsAndThenLosesTheOldest() async throws {
    let dispatcher = try RunningDispatcher { $0.resultBacklogBytes = 65_536 }
    defer { dispatcher.stop() }
    var sleeper = try dispatcher.attachment(submissionCapacity: 4096, resultCapacity: 1024)
    let client = try dispatcher.client()
    let count = 2000
    var awaited: [UInt64] = []
    for number in 0..<count {
      let event = Event.jobCancelled(.name("j\(number)"), reason: "")
      awaited.append(try #require(try sleeper.submission.publish(event, wantsResult: true)).position)
    }
    sleeper.submission.flush()
    #expect(try eventually { try dispatcher.counter(.eventsRejected) == UInt64(count) })
    #expect(try await client.dispatch(.jobCancelled(.name("k"), reason: "")).transaction?.number == UInt64(count + 1))
    var seen = Set<UInt64>()
    var lost = Set<UInt64>()
    var settled = 0
    let isComplete = try eventually {
      while let message = try sleeper.results.next() {
        switch message {
        case .result(let result):
          seen.insert(result.transaction?.number ?? 0)
          #expect(awaited.removeFirst() == result.event.id.position, "answers come in order, behind what is lost")
        case .overrun(let from, let to, let settledBefore):
          lost.formUnion(from...to)
          while let next = awaited.first, next < settledBefore { settled += awaited.remove(at: 0) == next ? 1 : 0 }
        default: break
        }
      }
      return seen.union(lost) == Set(1...UInt64(count))
    }
    #expect(isComplete && seen.isDisjoint(with: lost) && !lost.isEmpty)
    #expect(settled == lost.count && awaited.isEmpty, "who awaits a result that is lost is told with the loss")
    client.close()
  }
}
