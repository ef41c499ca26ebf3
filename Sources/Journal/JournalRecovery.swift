import Controller
import Platform

/// A journal brought back: what a dispatcher needs to go on. From its newest whole snapshot, or from the beginning, up to the
/// end; everything checked on the way.
public struct JournalRecovery: ~Copyable, Sendable {
  /// At the journal's end.
  public private(set) var replica: JournalReplica
  /// For `JournalWriter.open`.
  public let end: JournalEnd
  /// The commit of the snapshot that it began with; nil when it began with nothing.
  public let snapshotCommit: UInt64?
  /// Newer snapshots that were not whole.
  public let damagedSnapshots: [JournalDamage]
  /// What a salvage went past. When there is anything, write a snapshot at once: recoveries from before the damage need a
  /// salvage again.
  public let losses: [JournalLoss]

  /// Recovers the journal in a folder. Reads only; whoever is going to write has the lock already.
  ///
  /// - Parameters:
  ///   - configuration: of the state machine until the journal says another; its log sizes throughout.
  ///   - salvages: go past damage, and tell in `losses`.
  ///   - calls: how to reach the disk.
  ///   - each: gets what every record behind the snapshot did: results are made again from it.
  /// - Throws: `JournalError`, and what `each` throws.
  public static func run(
    folder: String, configuration: ControllerConfiguration, salvages: Bool = false,
    calls: JournalFileCalls = .system, _ each: (JournalReplica.Step) throws -> Void = { _ in }
  ) throws -> JournalRecovery {
    var newest = try SnapshotStore.newest(folder: folder, calls: calls)
    let snapshotCommit = newest.snapshot?.position.commit
    let position = newest.snapshot?.position ?? .start
    var reader = try JournalReader.open(
      folder: folder, at: position, mode: salvages ? .salvage : .recover, calls: calls)
    if let snapshot = newest.snapshot { try check(snapshot, belongsTo: reader.journal, folder) }
    // Taken, so that the state does not share its tables with it and need not copy them.
    var replica = try JournalReplica(
      from: newest.snapshot.take(), configuration: configuration, toleratesDivergence: salvages)
    try replica.apply(&reader, each)
    return JournalRecovery(
      replica: replica, end: try reader.findEnd(), snapshotCommit: snapshotCommit,
      damagedSnapshots: newest.damaged, losses: reader.losses)
  }

  private init(
    replica: consuming JournalReplica, end: JournalEnd, snapshotCommit: UInt64?, damagedSnapshots: [JournalDamage],
    losses: [JournalLoss]
  ) {
    self.replica = replica
    self.end = end
    self.snapshotCommit = snapshotCommit
    self.damagedSnapshots = damagedSnapshots
    self.losses = losses
  }

  /// Takes other settings from here on; the writer's first record is to say so.
  public mutating func configure(_ configuration: ControllerConfiguration) {
    replica.configure(configuration)
  }

  /// Gives the state away, to whoever goes on with it. Ask for all else before.
  public consuming func takeState() -> ControllerState {
    replica.takeState()
  }

  private static func check(_ snapshot: Snapshot, belongsTo journal: JournalID?, _ folder: String) throws {
    guard let expected = journal, let actual = snapshot.journal, expected != actual else { return }
    throw JournalError.damaged(
      JournalDamage(
        file: "\(folder)/\(JournalNames.snapshot(commit: snapshot.position.commit))", offset: 0,
        expected: "a snapshot of journal \(expected)", actual: "one of \(actual)"))
  }
}
