import Platform

/// Where the archive keeps its database, and how much of the journal it keeps.
public struct ArchiveChoice: Sendable, Hashable {
  /// In the place of a file: in the state directory of the service manager, which must give one then.
  public static let automatic = "auto"
  private static let fileInStateDirectory = "archive.sqlite"

  /// A file, or `automatic`.
  public var database = Self.automatic
  public var snapshotIntervalMs: Int64 = 60_000
  public var snapshotBytes: Int = 4 << 20
  public var keepDays: Int64 = 7
  public var keepBytes: Int = 16 << 30
  /// Of history in the database; 0 for all.
  public var keepHistoryDays: Int64 = 0
  /// Of the database; 0 for any size.
  public var keepHistoryBytes: Int = 0

  public init() {}

  /// The database's path; nil when it is left to a service manager that gives no state directory.
  public var databasePath: String? {
    database == Self.automatic ? StateDirectory.path.map { "\($0)/\(Self.fileInStateDirectory)" } : database
  }
}

/// The directory that the service manager keeps for this service (`StateDirectory=`).
enum StateDirectory {
  /// Nil when it gives none. It separates several by colons; the first is the service's own.
  static var path: String? {
    Environment.value("STATE_DIRECTORY")?.split(separator: ":").first.map(String.init)
  }
}
