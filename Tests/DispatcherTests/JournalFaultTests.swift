import CRingmaster
import Dispatcher
import DispatcherSettings
import EventModel
import Foundation
import Journal
import Platform
import RingmasterClient
import Synchronization
import TestSupport
import Testing

/// What a dispatcher does when its journal's disk fails it.
@Suite("A dispatcher whose journal meets a fault", .serialized)
struct JournalFaultTests {
  private static func folder() -> String {
    FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
  }

  private static func worker(_ name: String) -> Event {
    .workerRegistered(name, address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 4000)))
  }

  /// The sync fails once: an answer after it, by this dispatcher, would rest on what nobody knows.
  @Test func aFailedSyncEndsItAndNothingOfItIsTold() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let fails = Flag()
    var parts = DispatcherParts()
    parts.journalCalls.syncData = { (descriptor) throws(SystemError) in
      if fails.isRaised { throw SystemError("fdatasync", code: EIO) }
      try JournalFileCalls.system.syncData(descriptor)
    }
    let first = try RunningDispatcher(parts: parts) { $0.journal = JournalSettings(folder: folder) }
    let client = try first.client()
    let registered = try await client.dispatch(Self.worker("w1"))
    #expect(registered.promise == .durable)
    fails.raise()
    async let answer = client.dispatch(Self.worker("w2"))
    let end = try #require(first.waitForEnd())
    #expect(end.contains("fdatasync") && end.contains(folder), "\(end)")
    // The next one goes on from what is on the disk; the event is still in its ring, and is answered once, durably.
    let second = try RunningDispatcher(after: first) { $0.journal = JournalSettings(folder: folder) }
    defer { second.stop() }
    #expect(try await answer.promise == .durable)
    #expect(try await client.query(.workers).count == 2)
    #expect(second.waitForEnd(seconds: 0) == nil)
    client.close()
  }

  /// It tells before the commit, says so, and what then was lost with it is handled once more, from the rings.
  @Test func aRelaxedOneTellsAtOnceAndHandlesWhatWasLostAgain() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var settings = JournalSettings(folder: folder)
    settings.durability = .relaxed
    let relaxed = settings
    let fails = Flag()
    var parts = DispatcherParts()
    parts.journalCalls.write = { (descriptor, first, second, offset) throws(SystemError) in
      // Not the commit of the first worker, which is told of before it is written.
      let isSecond = Data(second).range(of: Data("w2".utf8)) != nil
      if fails.isRaised, isSecond { throw SystemError("pwritev", code: EIO) }
      return try JournalFileCalls.system.write(descriptor, first, second, offset)
    }
    let first = try RunningDispatcher(parts: parts) { $0.journal = relaxed }
    let client = try first.client()
    #expect(try await client.dispatch(Self.worker("w1")).promise == .accepted)
    fails.raise()
    let lost = try await client.dispatch(Self.worker("w2"))
    #expect(lost.promise == .accepted && lost.transaction?.outcome == .applied)
    #expect(try #require(first.waitForEnd()).contains("pwritev"))
    let second = try RunningDispatcher(after: first) { $0.journal = relaxed }
    defer { second.stop() }
    #expect(try await client.dispatch(Self.worker("w3")).promise == .accepted)
    #expect(try await client.query(.workers).count == 3)
    client.close()
  }

  /// More events than the log of results holds, while the disk takes its time.
  @Test func aSlowDiskCostsNobodyAResult() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let isSlow = Flag()
    var parts = DispatcherParts()
    parts.journalCalls.syncData = { (descriptor) throws(SystemError) in
      if isSlow.isRaised { _ = Poll.readable(-1, timeoutUs: 20_000) }
      try JournalFileCalls.system.syncData(descriptor)
    }
    let dispatcher = try RunningDispatcher(parts: parts) {
      $0.journal = JournalSettings(folder: folder)
      $0.resultLogCapacity = 8
    }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    isSlow.raise()
    let transactions = try await withThrowingTaskGroup(of: UInt64?.self) { group in
      for number in 0..<100 {
        group.addTask { try await client.dispatch(Self.worker("w\(number)")).transaction?.number }
      }
      var numbers: Set<UInt64> = []
      for try await number in group { if let number { numbers.insert(number) } }
      return numbers
    }
    #expect(transactions.count == 100)
    #expect(try dispatcher.counter(.resultOverruns) == 0)
    client.close()
  }

  @Test(.enabled(if: SmallFileSystem.isPossible))
  func aFullDiskHoldsResultsBackUntilThereIsSpace() async throws {
    let disk = try SmallFileSystem(bytes: 2 << 20)
    let dispatcher = try RunningDispatcher { configuration in
      var settings = JournalSettings(folder: "\(disk.folder)/journal")
      settings.writer.segmentBytes = 128 << 10
      settings.writer.queueBytes = 64 << 10
      configuration.journal = settings
    }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let observer = try dispatcher.client(role: .observe, name: "observer")
    let registered = try await client.dispatch(Self.worker("w0"))
    guard case .worker(let handle, _)? = registered.transaction?.subject else {
      Issue.record("no worker: \(registered)")
      return
    }
    try disk.fill()
    var waiting: [Task<DispatchResult, any Error>] = []
    // More than the journal's queue takes: the dispatcher has to leave some in the ring.
    while try dispatcher.journalCounter(.spaceWaits) == 0 || waiting.count < 1000 {
      let number = waiting.count
      try #require(number < 10_000)
      let event = Self.worker("w\(number + 1)")
      waiting.append(Task { try await client.dispatch(event, timeout: .seconds(60)) })
      // Each has to be published before it is looked whether the disk is full.
      await Task.yield()
    }
    #expect(try await observer.query(.counters).contains(.counter(name: "journal_out_of_space", value: 1)))
    // Heartbeats are no part of the journal.
    let before = try dispatcher.counter(.heartbeatsApplied)
    let beating = try dispatcher.client(role: .ingest, name: "beating")
    _ = try beating.publish(.workerHeartbeat(.handle(handle)))
    #expect(try eventually { try dispatcher.counter(.heartbeatsApplied) > before })
    disk.makeRoom()
    for task in waiting {
      let result = try await task.value
      #expect(result.promise == .durable && result.transaction?.outcome == .applied)
    }
    #expect(try await observer.query(.counters).contains(.counter(name: "journal_out_of_space", value: 0)))
    #expect(try await observer.query(.workers).count == waiting.count + 1)
    for client in [client, observer, beating] { client.close() }
  }

  @Test func aSecondDispatcherOnTheSameJournalIsRefused() throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    defer { first.stop() }
    let refusal = #expect(throws: RunningDispatcher.StartFailure.self) {
      _ = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    }
    #expect(refusal?.description.contains("has a writer already, process \(Machine.processID())") == true)
  }

  @Test func aNewerFormatIsRefusedWithBothVersionsNamed() throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }.stop()
    try Self.makeNewer(Self.segment(of: folder))
    let refusal = #expect(throws: RunningDispatcher.StartFailure.self) {
      _ = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    }
    let said = refusal?.description ?? ""
    #expect(said.contains("version 3") && said.contains("version 2"), "\(said)")
  }

  /// A byte of the first commits turns over: whoever starts is told where, and only `salvages` goes past it, once.
  @Test func damageStopsTheStartAndASalvageGoesPastIt() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    let client = try first.client()
    for number in 0..<20 { _ = try await client.dispatch(Self.worker("w\(number)")) }
    client.close()
    #expect(eventually { first.rings.isEmpty })
    first.stop()
    let segment = try Self.segment(of: folder)
    let offset = try #require(
      try Data(contentsOf: URL(filePath: segment)).firstRange(of: Data("w3".utf8))?.lowerBound)
    try Self.alter(segment, at: offset) { $0 ^= 1 }
    let refusal = #expect(throws: RunningDispatcher.StartFailure.self) {
      _ = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    }
    let said = refusal?.description ?? ""
    #expect(said.contains(segment) && said.contains("damaged at byte") && said.contains("--salvage"), "\(said)")
    let salvaging = try RunningDispatcher { configuration in
      configuration.journal = JournalSettings(folder: folder)
      configuration.journal?.salvages = true
    }
    let other = try salvaging.client()
    #expect(try await other.query(.workers).count == 19)
    _ = try await other.dispatch(Self.worker("w3"))
    other.close()
    #expect(eventually { salvaging.rings.isEmpty })
    salvaging.stop()
    let after = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    defer { after.stop() }
    let last = try after.client()
    #expect(try await last.query(.workers).count == 20)
    last.close()
  }

  /// Gives the segment's header the next version, with a checksum that is right.
  private static func makeNewer(_ path: String) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    let crc = bytes.withUnsafeMutableBytes { bytes in
      var header = bytes.load(as: rm_journal_segment_header.self)
      header.version += 1
      header.page_crc = 0
      bytes.storeBytes(of: header, as: rm_journal_segment_header.self)
      return rm_crc32c(0, bytes.baseAddress, Int(RM_JOURNAL_PAGE))
    }
    bytes.withUnsafeMutableBytes { bytes in
      var header = bytes.load(as: rm_journal_segment_header.self)
      header.page_crc = crc
      bytes.storeBytes(of: header, as: rm_journal_segment_header.self)
    }
    try bytes.write(to: URL(filePath: path))
  }

  private static func segment(of folder: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    return "\(folder)/\(try #require(names.filter { $0.hasSuffix(".rmj") }.min()))"
  }

  private static func alter(_ path: String, at offset: Int, _ change: (inout UInt8) -> Void) throws {
    let file = try FileHandle(forUpdating: URL(filePath: path))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(offset))
    var byte = try #require(try file.read(upToCount: 1)?.first)
    change(&byte)
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: [byte])
  }
}

private final class Flag: Sendable {
  private let value = Atomic<Bool>(false)

  var isRaised: Bool { value.load(ordering: .acquiring) }

  func raise() { value.store(true, ordering: .releasing) }
}
