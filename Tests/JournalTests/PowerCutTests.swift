import CPlatform
import Controller
import EventModel
import Foundation
import Platform
import PowerCut
import SeededRandom
import Testing

@testable import Journal

/// The power goes at any moment of a run, and of what was not synced anything may be there: recovery comes to exactly the
/// durable prefix.
@Suite struct PowerCutTests {
  /// Journals of several segments, with snapshots, with old segments let go, and with a restart on the way.
  private final class Run {
    struct Point {
      let hash: UInt64
      let lastTransaction: UInt64
      let ledger: PeerLedger
    }

    let disk = RecordedDisk()
    let journal: TestJournal
    /// After each commit, by its number; the first is that of the beginning.
    private(set) var points: [Point] = []

    private static let commits: UInt64 = 16

    init(seed: UInt64) throws {
      journal = try TestJournal()
      var history = RecordedHistory(seed: seed)
      points = [Point(hash: history.state.stateHash, lastTransaction: 0, ledger: history.ledger)]
      var records = history.begin()
      var commit: UInt64 = 0
      while commit < Self.commits {
        let lock = try JournalLock.take(folder: journal.folder, calls: disk.calls())
        let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
        expect(recovery.replica.state.stateHash == points.last?.hash)
        var writer = try JournalWriter.open(
          lock, at: recovery.end, configuration: journal.configuration)
        var appender = writer.appender()
        var committer = writer.committer()
        for _ in 0..<(Self.commits / 2) {
          commit += 1
          for _ in 0..<12 { records += history.step() }
          records.append(.peerRemoved(peer: 9))
          if commit % 5 == 0 { try committer.rollOver() }
          disk.note(.begun(commit))
          try appender.turn(
            records, stateHash: history.state.stateHash, lastTransaction: history.state.transactionLog.lastNumber)
          records = []
          expect(committer.turn() == .committed)
          disk.note(.told(commit))
          points.append(
            Point(
              hash: history.state.stateHash, lastTransaction: history.state.transactionLog.lastNumber,
              ledger: history.ledger))
          if commit % 4 == 3 { try snapshot() }
        }
      }
    }

    private func snapshot() throws {
      let replica = try JournalReplica.replaying(
        folder: journal.folder, configuration: ControllerConfiguration(), until: nil)
      let id = try #require(try journal.recoverFromSnapshot().journal)
      _ = try SnapshotStore.write(
        replica.snapshot(journal: id, createdMs: 0), folder: journal.folder, calls: disk.calls())
      _ = try JournalRetention(keepBytes: 0).apply(folder: journal.folder, nowMs: 0, calls: disk.calls())
    }
  }

  /// A folder that is filled again and again.
  private final class Bench {
    private let journal: TestJournal
    private var seen: Set<Int> = []
    private(set) var images = 0
    /// What recovery came to otherwise than it must.
    private(set) var problems: [String] = []

    init() throws { journal = try TestJournal() }

    /// Recovers what is left of a run, and checks that it is what it must be.
    func check(_ image: [String: [UInt8]], _ power: LostPower, _ run: Run, _ place: String) throws {
      guard seen.insert(Self.digest(image, power)).inserted else { return }
      images += 1
      for name in try Folder.names(in: journal.folder) where image[name] == nil {
        try Folder.removeFile("\(journal.folder)/\(name)")
      }
      for (name, bytes) in image {
        // What is missing at the end of a segment counts as zeros.
        let isSegment = JournalNames.commit(ofSnapshot: name) == nil
        let used = isSegment ? bytes.withUnsafeBytes { rm_used_bytes($0.baseAddress, $0.count) } : bytes.count
        try writeFile("\(journal.folder)/\(name)", Array(bytes[..<used]))
      }
      if let problem = try problem(power, run) {
        problems.append("\(place): \(problem)")
      } else if images % 16 == 0 {
        try goOn()
      }
    }

    private func problem(_ power: LostPower, _ run: Run) throws -> String? {
      let recovery: JournalRecovery
      do {
        recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
      } catch let error as JournalError {
        return "\(error)"
      }
      let commit = recovery.end.position.commit
      guard power.told <= commit, commit <= power.begun else {
        return "came to commit \(commit), and those up to \(power.told) were durable, up to \(power.begun) begun"
      }
      if let damage = recovery.damagedSnapshots.first { return "\(damage)" }
      let point = run.points[Int(commit)]
      guard recovery.replica.state.stateHash == point.hash, recovery.replica.ledger == point.ledger,
        recovery.replica.state.transactionLog.lastNumber == point.lastTransaction
      else { return "another state after commit \(commit)" }
      return nil
    }

    /// The next one writes in the place of what was torn.
    private func goOn() throws {
      let lock = try JournalLock.take(folder: journal.folder, calls: FaultyDisk().calls(syncs: false))
      let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
      var writer = try JournalWriter.open(
        lock, at: recovery.end, configuration: journal.configuration)
      var appender = writer.appender()
      var committer = writer.committer()
      let commit = recovery.end.position.commit
      let state = recovery.takeState()
      try appender.turn(
        [.peerRemoved(peer: 77)], stateHash: state.stateHash, lastTransaction: state.transactionLog.lastNumber)
      expect(committer.turn() == .committed)
      let end = try journal.recoverFromSnapshot()
      if end.position.commit != commit + 1 || end.tornBytes > 0 { problems.append("nothing could be written behind") }
    }

    private static func digest(_ image: [String: [UInt8]], _ power: LostPower) -> Int {
      var hasher = Hasher()
      for (name, bytes) in image.sorted(by: { $0.key < $1.key }) {
        hasher.combine(name)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
      }
      hasher.combine(power.told)
      return hasher.finalize()
    }
  }

  /// All that was uncertain at each step of the run, in many ways: nothing of it, all of it, one write alone, all but one,
  /// and pieces at random.
  @Test(arguments: 91...93 as ClosedRange<UInt64>)
  func atEveryStepOfARun(seed: UInt64) throws {
    let run = try Run(seed: seed)
    let bench = try Self.cutAtEveryStep(run, run.disk.steps, seed: seed)
    #expect(bench.problems.isEmpty && bench.images > 100, "seed \(seed)")
  }

  /// The same with a disk that forgets to sync: these tests see it, whichever kind of sync it is.
  @Test(arguments: [true, false])
  func aMissingSyncIsSeen(ofFiles: Bool) throws {
    let run = try Run(seed: 96)
    let steps = run.disk.steps.filter { step in
      switch step {
      case .sync: !ofFiles
      case .syncFolder: ofFiles
      default: true
      }
    }
    #expect(try !Self.cutAtEveryStep(run, steps, seed: 96).problems.isEmpty)
  }

  private static func cutAtEveryStep(_ run: Run, _ steps: [RecordedDisk.Step], seed: UInt64) throws -> Bench {
    let bench = try Bench()
    var random = SeededGenerator(seed: seed)
    var power = LostPower()
    for (index, step) in steps.enumerated() {
      power.take(step)
      if case .told = step { continue }
      let place = "seed \(seed), step \(index)"
      let writes = power.uncertainWrites.count
      for names in 0...power.uncertainNameCount {
        try bench.check(power.image(names: names) { _, _ in nil }, power, run, place)
        try bench.check(power.image(names: names) { $1.bytes[...] }, power, run, place)
        for one in 0..<writes where writes > 1 {
          try bench.check(power.image(names: names) { $0 == one ? $1.bytes[...] : nil }, power, run, place)
          try bench.check(power.image(names: names) { $0 == one ? nil : $1.bytes[...] }, power, run, place)
        }
        guard writes > 0 else { continue }
        for _ in 0..<8 {
          let pieces = power.scatteringSectors(&random)
          try bench.check(pieces.image(names: names) { $1.bytes[...] }, power, run, place)
        }
      }
      // One is enough to know.
      if bench.problems.count > 10 { break }
    }
    return bench
  }

  /// The write that comes last is cut at any byte, in the last commits; in earlier ones and in snapshots at some. But
  /// for the turn that a commit ends with: sectors are written whole, and a kernel that is cut off copies whole pages.
  /// RINGMASTER_SOAK=1 cuts at every byte of the last commits.
  @Test func atManyBytesOfTheLastCommits() throws {
    let isSoak = ProcessInfo.processInfo.environment["RINGMASTER_SOAK"] == "1"
    let run = try Run(seed: 94)
    let bench = try Bench()
    var power = LostPower()
    let last = UInt64(run.points.count) - 3
    for (index, step) in run.disk.steps.enumerated() {
      power.take(step)
      guard case .write(_, let offset, let bytes) = step else { continue }
      let writes = power.uncertainWrites.count
      for cut in stride(from: 0, to: bytes.count, by: power.begun > last ? isSoak ? 1 : 11 : 499) {
        // Beyond its last byte that is not zero, a write changes nothing.
        guard bytes[cut...].contains(where: { $0 != 0 }) else { break }
        if cut > bytes.count - JournalFormat.turnBytes, (offset + cut) % LostPower.sectorBytes != 0 { continue }
        let image = power.image(names: power.uncertainNameCount) { position, write in
          position == writes - 1 ? write.bytes[..<cut] : write.bytes[...]
        }
        try bench.check(image, power, run, "step \(index), cut at \(cut)")
      }
    }
    #expect(bench.problems.isEmpty && bench.images > 100)
  }

  /// Some bits of every commit and every snapshot flip after all was written: what is read is as it was, or its damage is
  /// named, and which of the two is known.
  @Test func aFlippedBitIsHarmlessOrNamed() throws {
    let run = try Run(seed: 95)
    let journal = run.journal
    var scan = try JournalScan.open(
      folder: journal.folder, at: try #require(try JournalReader.oldestPosition(folder: journal.folder)))
    var commits: [JournalCommit] = []
    while let commit = try scan.next() { commits.append(commit) }
    let newest = try #require(try SnapshotStore.commits(folder: journal.folder).last)
    let whole = try #require(run.points.last)
    var random = SeededGenerator(seed: 95)
    for commit in commits {
      let start = Int(commit.offset)
      for _ in 0..<24 {
        let offset = Int.random(in: start..<(start + 128 + commit.bodyBytes), using: &random)
        try flipping(commit.file, offset, bit: Int.random(in: 0..<8, using: &random)) {
          let place: Comment = "byte \(offset) of commit \(commit.number)"
          let verified = try JournalVerifier.run(folder: journal.folder)
          do {
            let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
            let end = recovery.end.position.commit
            // Recovery begins behind the snapshot.
            expect(commit.number < newest && end == commits.last?.number, place)
            expect(recovery.replica.state.stateHash == run.points[Int(end)].hash, place)
          } catch JournalError.damaged(let damage) {
            #expect(damage.file == commit.file && damage.offset == commit.offset, place)
            #expect(commit.number >= newest, place)
          }
          #expect(verified.losses.first?.damage.offset == commit.offset && !verified.isWhole, place)
        }
      }
    }
    for commit in try SnapshotStore.commits(folder: journal.folder) {
      let path = "\(journal.folder)/\(JournalNames.snapshot(commit: commit))"
      let size = try readFile(path).count
      for offset in stride(from: 0, to: size, by: 11) where offset < 8 || offset >= 12 {
        try flipping(path, offset, bit: offset % 8) {
          let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
          expect(recovery.replica.state.stateHash == whole.hash)
          expect(recovery.damagedSnapshots.map(\.file) == (commit == newest ? [path] : []))
          #expect(try JournalVerifier.run(folder: journal.folder).snapshots.contains { $0.damage?.file == path })
        }
      }
    }
  }

  private func flipping(_ path: String, _ offset: Int, bit: Int, _ body: () throws -> Void) throws {
    let byte = try readFile(path)[offset]
    try Scribbler(path).write(byte ^ 1 << bit, at: offset)
    try body()
    try Scribbler(path).write(byte, at: offset)
  }
}

extension TestJournal {
  /// The end, read from the newest snapshot on.
  fileprivate func recoverFromSnapshot() throws -> JournalEnd {
    let position = try SnapshotStore.newest(folder: folder).snapshot?.position ?? .start
    var reader = try JournalReader.open(folder: folder, at: position, mode: .recover)
    return try reader.findEnd()
  }
}
