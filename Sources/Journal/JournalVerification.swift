import Platform

/// What a check of everything in a journal's folder found: see `JournalVerifier`.
public struct JournalVerification: Sendable {
  /// A snapshot and what is wrong with it.
  public struct CheckedSnapshot: Sendable {
    public let commit: UInt64
    /// Nil when it is whole, and what it tells is what the journal tells.
    public let damage: JournalDamage?
  }

  /// What was not checked by a replay.
  public enum Replay: Sendable, Hashable {
    /// Everything behind this commit was replayed; 0 stands for the beginning.
    case from(commit: UInt64, transaction: UInt64)
    /// Old segments were let go, and no snapshot says what the others begin with.
    case impossible
  }

  public internal(set) var journal: JournalID?
  /// Before the first commit that was read.
  public internal(set) var beginning = JournalPosition.start
  /// Behind the last commit that was read before any damage.
  public internal(set) var end = JournalPosition.start
  public internal(set) var segments = 0
  /// Of commits, in bytes.
  public internal(set) var bytes: UInt64 = 0
  public internal(set) var replay = Replay.impossible
  /// After the last transaction that was replayed.
  public internal(set) var stateHash: UInt64?
  /// The controller's clock at the end.
  public internal(set) var timeMs: Int64?
  /// Behind the end: of a commit that was torn by a crash, or is being written.
  public internal(set) var tornBytes: UInt64 = 0
  /// By commit.
  public internal(set) var snapshots: [CheckedSnapshot] = []
  /// What cannot be read, in order, with what is gone with it.
  public internal(set) var losses: [JournalLoss] = []
  /// The first turn whose replay came to something else, and that a salvage went past. What is behind the salvage was
  /// replayed from its snapshot.
  public internal(set) var salvagedDivergence: JournalDivergence?
  /// The first turn whose replay came to something else. Nothing behind it was replayed.
  public internal(set) var divergence: JournalDivergence?
  /// The first commit that other rules made: it was not replayed, nor was what follows up to a snapshot.
  public internal(set) var otherRules: OtherVersion?
  /// Files that the system does not let be read, with its error. Nothing behind the first was checked.
  public internal(set) var unreadable: [String] = []
  /// Why no dispatcher can start on this journal; nil when one can: what is older than its snapshot, it does not read.
  public internal(set) var startFailure: JournalError?

  init() {}

  public var commits: UInt64 { end.commit - beginning.commit }

  public var records: UInt64 { end.lastRecord - beginning.lastRecord }

  /// Is everything there as it was written, but for what a salvage went past, and does a replay come to what was recorded?
  public var isWhole: Bool {
    losses.allSatisfy { $0.salvagedBy != nil } && divergence == nil && snapshots.allSatisfy { $0.damage == nil }
      && replay != .impossible && unreadable.isEmpty && startFailure == nil
  }

  /// All that is wrong and that no salvage went past, a line for each.
  public var faults: [String] {
    snapshots.compactMap { $0.damage.map { "\($0)" } } + losses.filter { $0.salvagedBy == nil }.map { "\($0)" }
      + (divergence.map { ["\($0)"] } ?? []) + unreadable
  }
}
