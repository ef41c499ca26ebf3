import Platform

/// Reads a journal from some place to its end, as it is at that moment: beside a writer too, whose last commit may be seen
/// half written.
///
/// Driven by one thread.
public struct JournalScan: ~Copyable {
  /// Where a scan can begin.
  public struct Beginning: Sendable {
    public let position: JournalPosition
    /// The state there; nil at the beginning of the journal, where there is none.
    public let snapshot: Snapshot?
    /// Newer snapshots that are not whole.
    public let damagedSnapshots: [JournalDamage]
  }

  private var reader: JournalReader
  private var earlierLosses: [JournalLoss] = []

  /// - Parameter position: `.start`, that of a snapshot, or `JournalReader.oldestPosition`.
  /// - Throws: `JournalError`.
  public static func open(
    folder: String, at position: JournalPosition = .start, calls: JournalFileCalls = .system
  ) throws(JournalError) -> JournalScan {
    JournalScan(reader: try JournalReader.open(folder: folder, at: position, mode: .recover, calls: calls))
  }

  private init(reader: consuming JournalReader) {
    self.reader = reader
  }

  /// Behind the commit that was read last.
  public var position: JournalPosition { reader.position }

  public var journal: JournalID? { reader.journal }

  /// What a salvage had gone past, and it too.
  public var losses: [JournalLoss] { earlierLosses + reader.losses }

  /// Makes all that was read durable.
  func sync() throws(JournalError) {
    try reader.sync()
  }

  /// Did a salvage end behind a commit?
  mutating func isSalvaged(behind commit: UInt64) throws(JournalError) -> Bool {
    try reader.isSalvaged(behind: commit)
  }

  /// The next commit; nil at the end.
  ///
  /// - Throws: `JournalError`: `.damaged` for what is damage beside a writer too.
  public mutating func next() throws(JournalError) -> JournalCommit? {
    do {
      return try reader.next()
    } catch {
      guard case .damaged = error else { throw error }
      earlierLosses += reader.losses
      // What looked torn, with something behind it, may have been written just then: by now it is whole.
      reader = try JournalReader.open(
        folder: reader.folder, at: reader.position, mode: .recover, calls: reader.calls)
      return try reader.next()
    }
  }

  /// The end, once `next` has returned nil. Torn bytes there may belong to a commit that is being written.
  public mutating func end() throws -> JournalEnd { try reader.findEnd() }

  /// The newest place from which a replay comes to `limit`, or the earliest place there is when that is nil.
  ///
  /// - Throws: `JournalError.noBeginning` when what was let go is needed.
  public static func beginning(
    folder: String, before limit: JournalReplica.Limit?, calls: JournalFileCalls = .system
  ) throws(JournalError) -> Beginning {
    guard let oldest = try JournalReader.oldestPosition(folder: folder, calls: calls) else {
      throw .noJournal(folder: folder)
    }
    var damaged: [JournalDamage] = []
    if limit != nil || oldest.commit > 0 {
      let commits = try SnapshotStore.commits(folder: folder, calls: calls).filter { $0 >= oldest.commit }
      for commit in limit == nil ? commits : commits.reversed() {
        do throws(JournalError) {
          let snapshot = try SnapshotStore.read(folder: folder, commit: commit, calls: calls)
          guard snapshot.precedes(limit) else { continue }
          return Beginning(position: snapshot.position, snapshot: snapshot, damagedSnapshots: damaged)
        } catch {
          switch error {
          case .damaged(let damage): damaged.append(damage)
          case .system(let error) where error.meansNobodyThere: continue
          default: throw error
          }
        }
      }
    }
    guard oldest.commit == 0 else { throw .noBeginning(folder: folder, firstCommit: oldest.commit + 1) }
    return Beginning(position: .start, snapshot: nil, damagedSnapshots: damaged)
  }
}
