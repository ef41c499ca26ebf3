import Dispatcher
import EventModel
import Foundation
import Platform
import RingmasterClient
import Testing

@Suite("A dispatcher that keeps a journal", .serialized)
struct RecoveryTests {
  @Test func goesOnWhereTheOneBeforeItWasAndItsClientsWithIt() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder.path) }
    let client = try first.client()
    let registered = try await client.dispatch(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(milliCPU: 4000)))
    #expect(registered.promise == .durable)
    let number = try #require(registered.transaction?.number)
    first.stop()
    let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder.path) }
    defer { second.stop() }
    let submitted = try await client.dispatch(.jobSubmitted("j1", request: JobRequest()))
    #expect(submitted.promise == .durable)
    #expect(submitted.transaction?.outcome == .applied)
    #expect(try #require(submitted.transaction?.number) > number)
    #expect(try await client.query(.workers).count == 1)
    client.close()
    #expect(eventually { second.rings.isEmpty })
  }

  /// Heartbeats are not journaled: the ring is further than the journal, here by several times its capacity.
  @Test func goesOnBehindTheHeartbeatsThatWereApplied() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder.path) }
    var peer = try first.attachment(submissionCapacity: 256)
    _ = try peer.submission.publish(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(milliCPU: 4000)), wantsResult: true)
    peer.submission.flush()
    let registered = try #require(try next(&peer))
    guard case .worker(let handle, _)? = registered.transaction?.subject else {
      Issue.record("no worker")
      return
    }
    var sent = 0
    while sent < 2000 {
      if try peer.submission.publish(.workerHeartbeat(.handle(handle))) != nil { sent += 1 }
      peer.submission.flush()
    }
    #expect(try eventually { try first.counter(.heartbeatsApplied) == 2000 })
    first.stop()
    let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder.path) }
    defer { second.stop() }
    _ = try peer.submission.publish(.jobSubmitted("j1", request: JobRequest()), wantsResult: true)
    let submitted = try #require(try next(&peer))
    #expect(submitted.transaction?.outcome == .applied && submitted.promise == .durable)
    #expect(try second.counter(.heartbeatsApplied) == 0)
  }

  /// The next result; nil when none comes.
  private func next(_ peer: inout RunningDispatcher.Peer) throws -> DispatchResult? {
    let deadlineNs = Clock.monotonicNs() + 20_000_000_000
    while Clock.monotonicNs() < deadlineNs {
      if case .result(let result)? = try peer.results.next() { return result }
      if case .lost(let reason) = peer.tend() {
        Issue.record("lost: \(reason)")
        return nil
      }
      peer.submission.flush()
      Machine.yield()
    }
    return nil
  }
}
