import DispatcherSettings
import Journal

/// Whether a journal is kept, where, and how.
public struct JournalChoice: Sendable, Hashable {
  /// In the place of a folder: no journal.
  public static let none = "none"
  /// In the place of a folder: in the state directory of the service manager, if it gives one, else none.
  public static let automatic = "auto"
  /// The journal's folder in the state directory that the service manager gives.
  private static let folderInStateDirectory = "journal"

  /// A folder, `none` or `automatic`.
  public var directory = Self.automatic
  public var durability = JournalSettings.Durability.sync
  public var reattachTimeoutMs = JournalSettings(folder: "").reattachTimeoutMs
  public var segmentBytes = JournalSettings(folder: "").writer.segmentBytes
  /// When the dispatcher writes a snapshot because no archive does.
  public var snapshotBytes = Int(SnapshotKeeper.Policy().minimumBytes)
  /// What the segments then may take; 0 for no limit.
  public var keepBytes = 16 << 30
  /// Goes past damage. Of the command line only: it is meant for one start.
  public var salvages = false

  public init() {}

  /// The journal's folder; nil when no journal is kept.
  public var folder: String? {
    if directory == Self.none { return nil }
    if directory != Self.automatic { return directory }
    return StateDirectory.path.map { "\($0)/\(Self.folderInStateDirectory)" }
  }

  var settings: JournalSettings? {
    folder.map { folder in
      var settings = JournalSettings(folder: folder)
      settings.durability = durability
      settings.reattachTimeoutMs = reattachTimeoutMs
      settings.writer.segmentBytes = segmentBytes
      settings.snapshots.minimumBytes = UInt64(snapshotBytes)
      settings.retention = keepBytes > 0 ? JournalRetention(keepBytes: keepBytes) : nil
      settings.salvages = salvages
      return settings
    }
  }
}
