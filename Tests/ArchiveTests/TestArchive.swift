import Archive
import JournalTestSupport
import Logging
import Platform
import Testing

@testable import Journal

/// A folder for a journal and a database, which goes at the end of the test.
final class TestArchive {
  let folder: String
  let root: TemporaryFolder

  init() throws {
    root = try TemporaryFolder(prefix: "ringmaster-archive")
    folder = "\(root.path)/journal"
  }

  deinit {
    root.remove()
  }

  func database(_ name: String = "archive") -> String { "\(root.path)/\(name).sqlite" }

  func configuration(_ name: String = "archive") -> ArchiveConfiguration {
    var configuration = ArchiveConfiguration(journalFolder: folder, databasePath: database(name))
    configuration.snapshotIntervalMs = 1 << 40
    configuration.fileCalls = SimulatedJournal.withoutSyncs()
    return configuration
  }

  func open(_ configuration: ArchiveConfiguration) throws -> Archive {
    let database = try ArchiveDatabase.open(configuration.databasePath, busyTimeoutMs: 50)
    return try Archive.open(configuration, database: database, log: Self.silentLog)
  }

  func open(_ name: String = "archive") throws -> Archive { try open(configuration(name)) }

  static let silentLog = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

/// `#expect` for conditions on values that cannot be copied, and for calls that change something.
func expect(
  _ condition: Bool, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(condition, comment, sourceLocation: sourceLocation)
}
