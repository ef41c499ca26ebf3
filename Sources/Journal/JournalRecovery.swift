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
  /// As of that snapshot: of what came before, no step tells.
  public let ledgerBefore: PeerLedger
  /// Newer snapshots that were not whole, or are of another journal.
  public let damagedSnapshots: [JournalDamage]
  /// Those of them that are of another journal. Whoever is going to write sets them aside, so that nobody counts on them.
  public let foreignSnapshots: [JournalDamage]
  /// What it went past, now or in a salvage before. When there is anything, write a snapshot at once: recoveries from
  /// before the damage would have to go past it again.
  public let losses: [JournalLoss]
  /// Where the replay came to another state than was recorded, and a salvage went on all the same.
  public let divergence: JournalDivergence?
  /// The state comes from another version's rules: write a snapshot, with which all others begin.
  public var isUpgrade: Bool { replica.machine != ControllerState.machineVersion }

  /// Recovers the journal in a folder. Reads only; whoever is going to write has the lock already.
  ///
  /// - Parameters:
  ///   - configuration: of the state machine until the journal says another; its log sizes throughout.
  ///   - salvages: go past damage and divergence, and tell of it. The writer then begins a new segment, so that it is done
  ///     once.
  ///   - calls: how to reach the disk.
  ///   - each: gets what every record behind the snapshot did: results are made again from it.
  /// - Throws: `JournalError`, and what `each` throws.
  public static func run(
    folder: String, configuration: ControllerConfiguration, salvages: Bool = false,
    calls: JournalFileCalls = .system, _ each: (JournalReplica.Step) throws -> Void = { _ in }
  ) throws -> JournalRecovery {
    let journal = try JournalReader.journal(folder: folder, calls: calls)
    var newest = try SnapshotStore.newest(folder: folder, of: journal, calls: calls)
    if let stop = SnapshotStore.stop(folder: folder, of: journal, calls: calls),
      stop.position.commit > newest.snapshot?.position.commit ?? 0, leadsPastOtherRules(stop, newest.snapshot)
    {
      newest.snapshot = stop
    }
    let knownJournal = journal ?? newest.snapshot?.journal
    var replica = try begin(&newest, folder: folder, of: journal, configuration, salvages, calls)
    let snapshotCommit = replica.isConfigured ? replica.position.commit : nil
    var reader = try JournalReader.open(
      folder: folder, at: replica.position, mode: salvages ? .salvage : .recover,
      journal: knownJournal, calls: calls)
    let ledgerBefore = replica.ledger
    try replica.apply(&reader, each)
    var end = try reader.findEnd()
    let divergence = replica.firstDivergence
    if divergence != nil || reader.losses.contains(where: { $0.salvagedBy == nil }) {
      end = try reader.salvagedEnd(end, lastTransaction: replica.state.transactionLog.lastNumber)
      replica.jump(to: end.position)
    }
    return JournalRecovery(
      replica: replica, end: end, snapshotCommit: snapshotCommit, ledgerBefore: ledgerBefore,
      damagedSnapshots: newest.damaged, foreignSnapshots: newest.foreign, losses: reader.losses, divergence: divergence)
  }

  /// The state of the newest snapshot that has the hash it was written with, else the one before any event.
  private static func begin(
    _ newest: inout SnapshotStore.Newest, folder: String, of journal: JournalID?,
    _ configuration: ControllerConfiguration, _ salvages: Bool, _ calls: JournalFileCalls
  ) throws(JournalError) -> JournalReplica {
    while true {
      let commit = newest.snapshot?.position.commit
      do throws(JournalError) {
        // Taken, so that the state does not share its tables with it and need not copy them.
        return try JournalReplica(
          from: newest.snapshot.take(), configuration: configuration, toleratesDivergence: salvages)
      } catch {
        guard case .damaged(var damage) = error, let commit else { throw error }
        damage.file = "\(folder)/\(damage.file)"
        let older = try SnapshotStore.newest(folder: folder, of: journal, beneath: commit, calls: calls)
        newest.snapshot = older.snapshot
        newest.damaged += [damage] + older.damaged
        newest.foreign += older.foreign
      }
    }
  }

  /// Results are made again from what is behind an earlier snapshot, so the one of a stop is taken only where what is behind
  /// the other cannot be replayed.
  private static func leadsPastOtherRules(_ stop: Snapshot, _ newest: Snapshot?) -> Bool {
    stop.machine != ControllerState.machineVersion
      || newest.map { $0.machine != ControllerState.machineVersion } ?? false
  }

  private init(
    replica: consuming JournalReplica, end: JournalEnd, snapshotCommit: UInt64?, ledgerBefore: PeerLedger,
    damagedSnapshots: [JournalDamage], foreignSnapshots: [JournalDamage], losses: [JournalLoss],
    divergence: JournalDivergence?
  ) {
    self.replica = replica
    self.end = end
    self.snapshotCommit = snapshotCommit
    self.ledgerBefore = ledgerBefore
    self.damagedSnapshots = damagedSnapshots
    self.foreignSnapshots = foreignSnapshots
    self.losses = losses
    self.divergence = divergence
  }

  /// Takes other settings from here on; the writer's first record is to say so.
  public mutating func configure(_ configuration: ControllerConfiguration) {
    replica.configure(configuration)
  }

  /// Gives the state away, to whoever goes on with it. Ask for all else before.
  public consuming func takeState() -> ControllerState {
    replica.takeState()
  }
}
