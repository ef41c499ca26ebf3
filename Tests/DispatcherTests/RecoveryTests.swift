import Controller
import DispatcherSettings
import EventModel
import Foundation
import Glibc
import Journal
import Logging
import Platform
import RingmasterClient
import Synchronization
import Testing

@testable import Dispatcher

@Suite("A dispatcher that keeps a journal", .serialized)
struct RecoveryTests {
  @Test func goesOnWhereTheOneBeforeItWasAndItsClientsWithIt() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder.path) }
    let client = try first.client()
    let registered = try await client.dispatch(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 4000))))
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

  /// Numbers of peers are set aside before any is given, and every start is another epoch, whatever the wall clock says.
  @Test func everyStartIsAnEpochAndNoPeersNumberIsGivenAgain() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let ledgers = try ([5000, 7000, 100] as [Int64]).map { wallMs in
      var parts = DispatcherParts()
      parts.journalCalls.wallMs = { wallMs }
      let recovery = try Recovery(
        JournalSettings(folder: folder), DispatcherConfiguration(), parts, Logger(label: "test"))
      #expect(recovery.ledger.lastPeerID == recovery.lastPeerBefore + JournaledStart.usualPeerNumbers)
      return recovery.ledger
    }
    let epochs = ledgers.map(\.epoch)
    #expect(epochs == epochs.sorted() && Set(epochs).count == 3, "\(epochs)")
    #expect(ledgers.map(\.lastPeerID) == [1024, 2048, 3072])
    // It is durable before anything else.
    let (commit, epoch) = try Self.recovered(folder)
    #expect(commit == 3 && epoch == epochs[2])
  }

  /// Nothing begins whose beginning is not durable, and an operator is told which file is meant and what to do.
  @Test(arguments: [ENOSPC, EIO])
  func aDiskThatDoesNotTakeTheStartIsNamed(code: Int32) throws {
    for afterWrites in 0..<4 {
      let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let writes = Atomic<Int>(0)
      var calls = JournalFileCalls.system
      calls.write = { (handle, first, second, offset) throws(SystemError) in
        // The last of them is that of the first commit.
        guard writes.add(1, ordering: .relaxed).newValue <= afterWrites else { throw SystemError("write", code: code) }
        return try JournalFileCalls.system.write(handle, first, second, offset)
      }
      var settings = JournalSettings(folder: folder)
      settings.writer.segmentBytes = 2 << 20
      settings.writer.queueBytes = 1 << 20
      do {
        var parts = DispatcherParts()
        parts.journalCalls = calls
        _ = try Recovery(settings, DispatcherConfiguration(), parts, Logger(label: "test")).lastTransaction
        #expect(afterWrites > 3)
      } catch JournalError.system(let error) {
        let text = "\(error)"
        #expect(text.contains("\(folder)/segment-") && error.advice != nil, "\(text)")
      }
    }
  }

  private static func recovered(_ folder: String) throws -> (commit: UInt64, epoch: UInt64) {
    let recovery = try JournalRecovery.run(folder: folder, configuration: ControllerConfiguration())
    return (recovery.end.position.commit, recovery.replica.ledger.epoch)
  }

  /// The first commit, with the settings, may be the one that is torn.
  @Test func settingsThatWereTornAreWrittenAgain() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try Recovery(
      JournalSettings(folder: folder), DispatcherConfiguration(), DispatcherParts(), Logger(label: "test")
    ).lastTransaction
    let segment = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".rmj") })
    let file = try FileHandle(forUpdating: URL(filePath: "\(folder)/\(segment)"))
    // Its last sectors were not written.
    try file.truncate(atOffset: 4096 + 128)
    try file.close()
    _ = try Recovery(
      JournalSettings(folder: folder), DispatcherConfiguration(), DispatcherParts(), Logger(label: "test")
    ).lastTransaction
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    let records = try reader.next()?.records() ?? []
    let isConfigured = records.contains { if case .configured = $0 { true } else { false } }
    #expect(isConfigured)
  }

  /// Heartbeats are not journaled: the ring is further than the journal, here by several times its capacity.
  @Test func goesOnBehindTheHeartbeatsThatWereApplied() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder.path) }
    var peer = try first.attachment(submissionCapacity: 256)
    _ = try peer.submission.publish(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 4000))),
      wantsResult: true)
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
