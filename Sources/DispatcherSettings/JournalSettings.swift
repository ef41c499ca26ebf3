import Journal

/// How a dispatcher keeps its journal.
public struct JournalSettings: Sendable, Hashable {
  /// When results are told.
  public enum Durability: String, Sendable, CaseIterable {
    /// Once what they tell survives a loss of power.
    case sync
    /// At once: they tell what survives the end of any process, and not a loss of power.
    case relaxed
  }

  /// The folder of its segments and snapshots.
  public var folder: String
  public var durability = Durability.sync
  /// How long a peer of the dispatcher before may take to attach again, before its ring is drained and removed.
  public var reattachTimeoutMs: Int64 = 30_000
  /// Goes past damage in the middle of the journal, and loses what is there.
  public var salvages = false
  public var writer = JournalConfiguration()
  /// When the dispatcher makes a snapshot because nobody else has.
  public var snapshots = SnapshotKeeper.Policy()
  /// What it then lets go of the journal; nil keeps it all, for an archive to come.
  public var retention: JournalRetention?

  public init(folder: String) {
    self.folder = folder
  }
}
