import Dispatcher
import DispatcherSettings
import EventModel
import Foundation
import Journal
import Platform
import RingmasterClient
import Testing

/// More is placed than the journal takes at once: what was decided waits for room and is not forgotten.
@Suite("Placements on a slow disk", .serialized)
struct SlowJournalPlacementTests {
  private static let workers = 50

  /// Places a job of so many tasks while each sync takes 20 ms and few results may wait.
  private static func place(_ replicas: Int32, isGang: Bool) throws -> (placed: UInt64, requeued: UInt64) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var parts = DispatcherParts()
    parts.journalCalls.syncData = { (descriptor) throws(SystemError) in
      _ = Poll.readable(-1, timeoutUs: 20_000)
      try JournalFileCalls.system.syncData(descriptor)
    }
    let dispatcher = try RunningDispatcher(parts: parts) {
      $0.journal = JournalSettings(folder: folder)
      $0.resultLogCapacity = 1000
      // What is dropped is not made up for by trying again.
      $0.controller.gangRetryDelayMs = 3_600_000
    }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    for number in 0..<workers {
      _ = try client.publish(
        .workerRegistered(
          "w\(number)", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: Int64(replicas) * 20))))
    }
    var request = JobRequest()
    request.replicas = replicas
    request.coscheduled = isGang
    _ = try client.publish(.jobSubmitted("j", request: request))
    _ = try eventually { try dispatcher.counter(.placements) >= UInt64(replicas) }
    client.close()
    return (try dispatcher.counter(.placements), try dispatcher.counter(.tasksRequeued))
  }

  @Test func everyTaskOfALargeJobStarts() throws {
    let outcome = try Self.place(9000, isGang: false)
    #expect(outcome.placed == 9000 && outcome.requeued == 0)
  }

  @Test func aLargeGangStartsOnce() throws {
    let outcome = try Self.place(5000, isGang: true)
    #expect(outcome.placed == 5000 && outcome.requeued == 0)
  }
}
