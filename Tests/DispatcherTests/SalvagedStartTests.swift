import Controller
import DispatcherSettings
import EventModel
import Foundation
import Journal
import Logging
import Platform
import PowerCut
import Synchronization
import Testing

@testable import Dispatcher

/// A salvage ends in a journal that starts, once, and costs nothing of what comes after it.
@Suite struct SalvagedStartTests {
  /// A folder with a journal, written by one life after another.
  private final class Journal {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
    private(set) var events: UInt64 = 0
    private(set) var jobs: [String] = []
    private(set) var transactions: [UInt64] = []

    deinit {
      try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts as a dispatcher does, has so many jobs submitted, one a commit, and ends.
    ///
    /// - Returns: the jobs that it began with.
    @discardableResult
    func live(
      jobs count: Int = 0, salvages: Bool = false, calls: JournalFileCalls = .system, wrongHashes: Bool = false
    ) throws -> [String] {
      var settings = JournalSettings(folder: folder)
      settings.salvages = salvages
      settings.writer.segmentBytes = 128 << 10
      settings.writer.queueBytes = 32 << 10
      var parts = DispatcherParts()
      parts.journalCalls = calls
      var recovery = try Recovery(settings, DispatcherConfiguration(), parts, Logger(label: "test"))
      var appender = recovery.takeAppender()!
      var committer = recovery.takeCommitter()!
      var state = recovery.takeState()
      let found = Self.jobs(of: state)
      for _ in 0..<count {
        events += 1
        let event = Event.jobSubmitted("job-\(events)", request: JobRequest()).stamped(
          id: EventID(peer: 1, position: events), timestampMs: Int64(events))
        transactions.append(state.handle(event).number)
        jobs.append("job-\(events)")
        _ = try appender.append(.event(JournaledEvent(event, slots: 1, wantsResult: false)))
        appender.seal(
          stateHash: state.stateHash &+ (wrongHashes ? 1 : 0), lastTransaction: state.transactionLog.lastNumber,
          timeMs: 0)
        let progress = committer.turn()
        #expect(progress == .committed)
      }
      return found
    }

    private static func jobs(of state: borrowing ControllerState) -> [String] {
      var names: [String] = []
      var slot = 0
      while let job = state.nextJob(from: slot) {
        names.append(job.name)
        slot = Int(job.handle.index) + 1
      }
      return names.sorted { Int($0.dropFirst(4))! < Int($1.dropFirst(4))! }
    }

    func names(_ suffix: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(suffix) }.sorted()
        .map { "\(folder)/\($0)" }
    }

    /// Turns a bit of the text of this job's submission over.
    func spoil(_ job: String) throws {
      for path in try names(".rmj") {
        var bytes = try Data(contentsOf: URL(filePath: path))
        guard let place = bytes.firstRange(of: Data(job.utf8))?.lowerBound else { continue }
        bytes[place] ^= 1
        return try bytes.write(to: URL(filePath: path))
      }
      Issue.record("\(job) is in no segment")
    }

    func overwrite(_ path: String, at offset: Int, bytes: Int) throws {
      var content = try Data(contentsOf: URL(filePath: path))
      let end = min(offset + bytes, content.count)
      content.replaceSubrange(offset..<end, with: Data(repeating: 0x5A, count: end - offset))
      try content.write(to: URL(filePath: path))
    }

    var verified: JournalVerification {
      get throws { try JournalVerifier.run(folder: folder) }
    }
  }

  private static func isDamage(_ body: () throws -> Void) -> Bool {
    do {
      try body()
      return false
    } catch let error as JournalError {
      return error.needsAnOperator
    } catch {
      return false
    }
  }

  @Test(arguments: ["job-3", "job-9"])
  func whatIsDamagedIsLostAloneAndOnce(job: String) throws {
    let journal = Journal()
    try journal.live(jobs: 9)
    try journal.spoil(job)
    #expect(Self.isDamage { try journal.live() })
    let rest = journal.jobs.filter { $0 != job }
    #expect(try journal.live(jobs: 2, salvages: true) == rest)
    #expect(try journal.live(jobs: 2) == rest + ["job-10", "job-11"])
    // No number is given again, not of what is lost either.
    #expect(Set(journal.transactions).count == 13)
    let verified = try journal.verified
    #expect(verified.isWhole && verified.losses.count == 1)
    #expect(verified.losses.first?.salvagedBy != nil)
    #expect(try journal.names(".rms").count == 2)
  }

  @Test func whatComesAfterASalvageOutlivesTheNext() throws {
    let journal = Journal()
    try journal.live(jobs: 5)
    try journal.spoil("job-5")
    try journal.live(jobs: 5, salvages: true)
    try journal.spoil("job-8")
    #expect(Self.isDamage { try journal.live() })
    let verified = try journal.verified
    #expect(!verified.isWhole && verified.losses.map { $0.salvagedBy == nil } == [false, true])
    let rest = journal.jobs.filter { !["job-5", "job-8"].contains($0) }
    #expect(try journal.live(jobs: 1, salvages: true) == rest)
    #expect(try journal.live(salvages: true) == rest + ["job-11"])
    #expect(try journal.live() == rest + ["job-11"])
    #expect(Set(journal.transactions).count == 11)
    #expect(try journal.verified.isWhole)
  }

  /// The way past the damage is in the journal too.
  @Test func aSalvageIsNotNeededAgainWithoutItsSnapshots() throws {
    let journal = Journal()
    try journal.live(jobs: 9)
    try journal.spoil("job-4")
    try journal.live(jobs: 3, salvages: true)
    let rest = journal.jobs.filter { $0 != "job-4" }
    for snapshot in try journal.names(".rms") { try journal.overwrite(snapshot, at: 0, bytes: 64) }
    #expect(try journal.live() == rest)
    for snapshot in try journal.names(".rms") { try FileManager.default.removeItem(atPath: snapshot) }
    #expect(try journal.live() == rest)
    #expect(try journal.live() == rest)
  }

  @Test func aJournalOfWhichNothingCanBeReadBeginsAnew() throws {
    let journal = Journal()
    try journal.live(jobs: 9)
    for segment in try journal.names(".rmj") { try journal.overwrite(segment, at: 0, bytes: 128 << 10) }
    #expect(Self.isDamage { try journal.live() })
    #expect(try journal.live(jobs: 2, salvages: true) == [])
    #expect(try journal.live() == ["job-10", "job-11"])
    #expect(Set(journal.transactions).count == 11)
  }

  /// A snapshot that is further than the journal is better than nothing.
  @Test func whatOnlyASnapshotTellsIsKept() throws {
    let journal = Journal()
    try journal.live(jobs: 3)
    try journal.spoil("job-1")
    try journal.live(jobs: 1, salvages: true)
    for segment in try journal.names(".rmj") { try FileManager.default.removeItem(atPath: segment) }
    #expect(Self.isDamage { try journal.live() })
    #expect(try journal.live(salvages: true) == ["job-2", "job-3"])
    #expect(try journal.live() == ["job-2", "job-3"])
  }

  @Test func aReplayThatDiffersIsToldAndGoneOnFrom() throws {
    let journal = Journal()
    try journal.live(jobs: 3)
    try journal.live(jobs: 1, wrongHashes: true)
    #expect(Self.isDamage { try journal.live() })
    let recovery = try JournalRecovery.run(
      folder: journal.folder, configuration: ControllerConfiguration(), salvages: true)
    let divergence = recovery.divergence
    #expect(divergence?.transactions == 4...4)
    let all = ["job-1", "job-2", "job-3", "job-4"]
    #expect(try journal.live(salvages: true) == all)
    #expect(try journal.live() == all)
    let verified = try journal.verified
    #expect(verified.isWhole && verified.salvagedDivergence != nil)
    for snapshot in try journal.names(".rms") { try FileManager.default.removeItem(atPath: snapshot) }
    #expect(try journal.live() == all)
  }

  /// As after a careless copy.
  @Test func aSnapshotOfAnotherJournalIsSetAside() throws {
    let journal = Journal()
    try journal.live(jobs: 3)
    let other = Journal()
    try other.live(jobs: 9)
    try other.spoil("job-2")
    try other.live(salvages: true)
    let foreign = try #require(try other.names(".rms").first)
    let path = "\(journal.folder)/\(URL(filePath: foreign).lastPathComponent)"
    try FileManager.default.copyItem(atPath: foreign, toPath: path)
    #expect(try journal.live() == journal.jobs)
    #expect(!Folder.fileExists(path) && Folder.fileExists(path + ".damaged"))
    #expect(try journal.live() == journal.jobs)
  }

  /// The disk fails at every write, sync and rename of a salvage in turn; the next one comes to the same.
  @Test func aSalvageThatIsInterruptedAnywhereIsMadeAgain() throws {
    for failing in 0..<12 {
      let journal = Journal()
      try journal.live(jobs: 6)
      try journal.spoil("job-6")
      let calls = Self.calls(failingAfter: failing)
      _ = try? journal.live(salvages: true, calls: calls)
      let rest = journal.jobs.filter { $0 != "job-6" }
      #expect(try journal.live(jobs: 1, salvages: true) == rest, "call \(failing)")
      #expect(try journal.live() == rest + ["job-7"], "call \(failing)")
      #expect(Set(journal.transactions).count == 7, "call \(failing)")
    }
  }

  /// The power goes at any step of a salvage, and what was not synced is there or not: the next salvage comes to the same.
  @Test func aSalvageThatLosesPowerAnywhereIsMadeAgain() throws {
    let journal = Journal()
    try journal.live(jobs: 6)
    try journal.spoil("job-3")
    var before: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: journal.folder) {
      before[name] = try Data(contentsOf: URL(filePath: "\(journal.folder)/\(name)"))
    }
    let rest = journal.jobs.filter { $0 != "job-3" }
    let disk = RecordedDisk()
    #expect(try journal.live(jobs: 1, salvages: true, calls: disk.calls()) == rest)
    var power = LostPower()
    var random = SystemRandomNumberGenerator()
    var seen: Set<[String: [UInt8]]> = []
    for (index, step) in disk.steps.enumerated() {
      power.take(step)
      for names in 0...power.uncertainNameCount {
        let scattered = power.scatteringSectors(&random)
        for image in [
          power.image(names: names) { _, _ in nil }, power.image(names: names) { $1.bytes[...] },
          scattered.image(names: names) { $1.bytes[...] },
        ] where seen.insert(image).inserted {
          let left = Journal()
          try FileManager.default.createDirectory(atPath: left.folder, withIntermediateDirectories: true)
          for (name, bytes) in before { try bytes.write(to: URL(filePath: "\(left.folder)/\(name)")) }
          for (name, bytes) in image { try Data(bytes).write(to: URL(filePath: "\(left.folder)/\(name)")) }
          let found = try left.live(salvages: true, calls: Self.withoutSyncs)
          // The last job was durable by the last step alone.
          #expect(found == rest || found == rest + ["job-7"], "step \(index)")
          #expect(try left.live(calls: Self.withoutSyncs) == found, "step \(index)")
        }
      }
    }
    #expect(seen.count > 10)
  }

  private static let withoutSyncs: JournalFileCalls = {
    var calls = JournalFileCalls.system
    calls.syncData = { (_) throws(SystemError) in }
    calls.syncFolder = { (_) throws(SystemError) in }
    return calls
  }()

  private static func calls(failingAfter count: Int) -> JournalFileCalls {
    let made = Counter()
    let system = JournalFileCalls.system
    var calls = system
    calls.write = { (handle, first, second, offset) throws(SystemError) in
      if made.next() >= count { throw SystemError("write", code: EIO) }
      return try system.write(handle, first, second, offset)
    }
    calls.syncData = { (handle) throws(SystemError) in
      if made.next() >= count { throw SystemError("sync", code: EIO) }
      try system.syncData(handle)
    }
    calls.rename = { (path, newPath) throws(SystemError) in
      if made.next() >= count { throw SystemError("rename", code: EIO) }
      try system.rename(path, newPath)
    }
    return calls
  }

  private final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    /// From 0.
    func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
  }
}
