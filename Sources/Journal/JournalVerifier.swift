import Controller
import Platform

/// Checks all there is to check in a journal's folder: every checksum and hash in every segment, every snapshot, and by a
/// replay every state hash that was recorded.
///
/// Reads only, beside a writer too. Where old segments were let go, it replays from the oldest whole snapshot. Driven by
/// one thread.
public struct JournalVerifier: ~Copyable {
  /// How far it has come.
  public struct Progress: Sendable {
    public let position: JournalPosition
    /// Of segment files, in bytes.
    public let doneBytes: UInt64
    public let totalBytes: UInt64
  }

  private let folder: String
  private let calls: JournalFileCalls
  private var found = JournalVerification()
  private var replica: JournalReplica?
  /// Commits of snapshots that were not come to yet, rising.
  private var snapshotCommits: [UInt64] = []
  private var doneBytes: UInt64 = 0
  private var totalBytes: UInt64 = 0

  /// How often it begins again because segments that it was going to read were let go meanwhile.
  private static let maximumPasses = 100

  private init(folder: String, calls: JournalFileCalls) {
    self.folder = folder
    self.calls = calls
  }

  /// - Parameter each: called after every commit.
  /// - Throws: `JournalError` for what is no damage: no journal at all, a newer format, a folder that cannot be read; and
  ///   what `each` throws.
  public static func run(
    folder: String, calls: JournalFileCalls = .system, _ each: (Progress) throws -> Void = { _ in }
  ) throws -> JournalVerification {
    var passes = 1
    while true {
      let oldest = try firstSegment(folder, calls)
      var verifier = JournalVerifier(folder: folder, calls: calls)
      do {
        do {
          try verifier.readAll(each)
        } catch JournalError.system(let error) where !error.meansNobodyThere {
          verifier.found.unreadable.append("\(error)")
        }
        if !verifier.found.isWhole || verifier.found.otherRules != nil || JournalCopy.isRestoring(folder, calls: calls)
        {
          try verifier.tryStart()
        }
        if verifier.found.isWhole { return verifier.found }
        guard passes < maximumPasses, try firstSegment(folder, calls) != oldest else { return verifier.found }
      } catch JournalError.system(let error) where error.meansNobodyThere {
        guard passes < maximumPasses, try firstSegment(folder, calls) != oldest else {
          throw JournalError.system(error)
        }
      }
      passes += 1
    }
  }

  private static func firstSegment(_ folder: String, _ calls: JournalFileCalls) throws(JournalError) -> UInt64? {
    do throws(SystemError) {
      return try calls.names(folder).lazy.compactMap { JournalNames.firstCommit(ofSegment: $0) }.first
    } catch {
      if error.meansNobodyThere { throw .noJournal(folder: folder) }
      throw .system(error.about(folder))
    }
  }

  private mutating func readAll(_ each: (Progress) throws -> Void) throws {
    snapshotCommits = try SnapshotStore.commits(folder: folder, calls: calls)
    do {
      guard let oldest = try JournalReader.oldestPosition(folder: folder, calls: calls) else {
        throw JournalError.noJournal(folder: folder)
      }
      found.beginning = oldest
      found.end = oldest
      try measure()
      try checkEarlierSnapshots()
      if oldest.commit == 0 { begin(try JournalReplica(from: nil, configuration: ControllerConfiguration())) }
      try checkSnapshot(after: nil, isSalvaged: false)
      var scan = try JournalScan.open(folder: folder, at: oldest, calls: calls)
      try readCommits(&scan, each)
      found.tornBytes = try scan.end().tornBytes
    } catch JournalError.damaged(let damage) {
      try goPast(damage)
    }
    try checkLaterSnapshots()
  }

  /// A start beside a writer may read a commit that is half written: only what fails twice alike does fail.
  private mutating func tryStart() throws {
    var failure: JournalError?
    for _ in 0..<Self.maximumPasses {
      do {
        try JournalCopy.checkIsRestored(folder, calls: calls)
        _ = try JournalRecovery.run(folder: folder, configuration: ControllerConfiguration(), calls: calls)
        return
      } catch let error as JournalError {
        if let failure, "\(failure)" == "\(error)" { break }
        failure = error
      }
    }
    found.startFailure = failure
  }

  private mutating func readCommits(_ scan: inout JournalScan, _ each: (Progress) throws -> Void) throws {
    var segment: UInt64 = 0
    while let commit = try scan.next() {
      found.journal = scan.journal
      found.losses = scan.losses
      if commit.number != found.end.commit + 1 { try goBehindLoss(before: commit) }
      if commit.end.segment != segment {
        doneBytes = segment == 0 ? 0 : doneBytes + totalBytes / UInt64(max(found.segments, 1))
        segment = commit.end.segment
      }
      found.bytes += UInt64(JournalFormat.commitBytes(body: commit.bodyBytes))
      try replay(commit, &scan)
      found.end = commit.end
      found.timeMs = commit.timeMs
      // In what was salvaged, the journal tells another state than there was then.
      try checkSnapshot(after: commit, isSalvaged: scan.isSalvaged(behind: commit.number))
      try each(Progress(position: commit.end, doneBytes: doneBytes + commit.end.offset, totalBytes: totalBytes))
    }
  }

  /// Counts the segments and their bytes.
  private mutating func measure() throws {
    for name in try calls.list(folder) where JournalNames.firstCommit(ofSegment: name) != nil {
      found.segments += 1
      totalBytes += UInt64((try? JournalFile.open("\(folder)/\(name)", calls: calls).size()) ?? 0)
    }
  }

  /// Of the replay; nil while there is none.
  private var ledger: PeerLedger? {
    switch replica {
    case .some(let replica): replica.ledger
    case .none: nil
    }
  }

  private mutating func begin(_ replica: consuming JournalReplica) {
    if found.replay == .impossible {
      found.replay = .from(commit: replica.position.commit, transaction: replica.position.lastTransaction)
    }
    found.stateHash = replica.state.stateHash
    self.replica = consume replica
  }

  private mutating func replay(_ commit: JournalCommit, _ scan: inout JournalScan) throws {
    guard var replica = replica.take() else { return }
    do {
      try replica.apply(commit)
      found.stateHash = replica.state.stateHash
      self.replica = consume replica
    } catch JournalError.otherVersion(let other) {
      found.otherRules = found.otherRules ?? other
    } catch JournalError.diverged(let divergence) {
      if try scan.isSalvaged(behind: commit.number) {
        found.salvagedDivergence = divergence
      } else {
        found.divergence = divergence
      }
    }
  }

  /// What a salvage went past: the replay goes on from its snapshot.
  private mutating func goBehindLoss(before commit: JournalCommit) throws {
    replica = nil
    while let next = snapshotCommits.first, next < commit.number {
      if let restored = try takeSnapshot({ _ in nil }), next == commit.number - 1 { begin(restored) }
    }
  }

  /// Notes the damage and all that lies behind it.
  private mutating func goPast(_ damage: JournalDamage) throws {
    replica = nil
    var reader = try JournalReader.open(folder: folder, at: found.end, mode: .salvage, calls: calls)
    _ = try reader.findEnd()
    found.losses += reader.losses
    if !found.losses.contains(where: { $0.damage == damage }) {
      found.losses.insert(JournalLoss(damage: damage, commits: nil, records: nil, salvagedBy: nil), at: 0)
    }
  }

  // MARK: Snapshots

  /// What a snapshot should say, and what it says.
  private typealias Difference = (expected: String, actual: String)

  /// Those of commits that were let go: by themselves.
  private mutating func checkEarlierSnapshots() throws {
    while let commit = snapshotCommits.first, commit < found.beginning.commit { _ = try takeSnapshot { _ in nil } }
  }

  /// The snapshot of the state behind `commit`, or of the one before all commits, if there is one. A replay begins with it
  /// if none could before.
  private mutating func checkSnapshot(after commit: JournalCommit?, isSalvaged: Bool) throws {
    guard snapshotCommits.first == found.end.commit else { return }
    let hash = found.end.hash
    let ledger = isSalvaged ? nil : ledger
    let restored = try takeSnapshot { snapshot in
      if snapshot.position.hash != hash {
        return ("the state after the commit with hash \(hash)", "that after one with \(snapshot.position.hash)")
      }
      let isOurs = snapshot.machine == ControllerState.machineVersion
      if let commit, !isSalvaged, isOurs, snapshot.stateHash != commit.stateHash {
        return ("state \(String(commit.stateHash, radix: 16))", "\(String(snapshot.stateHash, radix: 16))")
      }
      if let ledger, snapshot.ledger != ledger { return ("the peers that the journal tells", "others") }
      return nil
    }
    if let restored, self.ledger == nil, found.divergence == nil { begin(restored) }
  }

  /// Those of commits that the journal does not have.
  private mutating func checkLaterSnapshots() throws {
    let end = found.end.commit
    // Behind damage there was nothing to compare with.
    let isExcused = !found.losses.isEmpty
    while let commit = snapshotCommits.first {
      _ = try takeSnapshot { _ in
        isExcused ? nil : ("the state after a commit up to \(end), the journal's last", "that after commit \(commit)")
      }
    }
  }

  /// Reads and loads the next snapshot, and notes what is wrong with it.
  ///
  /// - Returns: the state in it; nil when it is not whole, or was let go meanwhile.
  private mutating func takeSnapshot(_ compare: (Snapshot) -> Difference?) throws -> JournalReplica? {
    let commit = snapshotCommits.removeFirst()
    let path = "\(folder)/\(JournalNames.snapshot(commit: commit))"
    do {
      let snapshot = try SnapshotStore.read(folder: folder, commit: commit, calls: calls)
      if let difference = compare(snapshot) {
        throw JournalError.damaged(
          JournalDamage(file: path, offset: 0, expected: difference.expected, actual: difference.actual))
      }
      let restored = try JournalReplica(from: snapshot, configuration: ControllerConfiguration())
      found.snapshots.append(.init(commit: commit, damage: nil))
      return restored
    } catch JournalError.damaged(let damage) {
      found.snapshots.append(.init(commit: commit, damage: damage))
    } catch JournalError.system(let error) where error.meansNobodyThere {
      return nil
    }
    return nil
  }
}
