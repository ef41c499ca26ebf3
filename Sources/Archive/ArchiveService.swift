import Journal
import Logging
import Platform
import ServiceManager

/// An archive as a service: waits for its journal, follows it, tells the service manager how it fares, and ends when asked.
public enum ArchiveService {
  /// Between two looks at a journal that had nothing new: at most so often the database, and with it the disk, is synced.
  private static let pollUs: Int64 = 20_000
  /// After what was written last, so many times as long: a page of the database that many rows change is written once for
  /// all that gather meanwhile, and the dispatcher has the disk for itself. But not longer than this.
  private static let restShare: Int64 = 3
  private static let longestRestUs: Int64 = 500_000
  /// Between two tries to write to a database that could not be written to.
  private static let obstacleRetryUs: Int64 = 1_000_000

  /// Runs on the calling thread until a signal to stop arrives.
  ///
  /// - Parameter signals: made before any thread was.
  /// - Throws: `ArchiveError`, `JournalError`, `SQLiteError`, `SystemError`: it cannot go on, and can be started again once the
  ///   cause is gone.
  public static func run(
    _ configuration: ArchiveConfiguration, signals: borrowing SignalDescriptor, log: Logger
  ) throws {
    var report = ServiceReport()
    guard let database = try awaitDatabase(configuration, signals, &report, log),
      try awaitJournal(configuration, signals, &report, log)
    else {
      ServiceManager.stopping()
      return
    }
    var archive = try Archive.open(configuration, database: database, log: log)
    log.info("following \(configuration.journalFolder)", metadata: ["database": "\(configuration.databasePath)"])
    ServiceManager.ready(status: archive.status(.upToDate))
    while true {
      let writtenNs = archive.counters.writingNs
      let progress = try archive.turn()
      if report.tick() { ServiceManager.status(archive.status(progress)) }
      if signals.next() != nil { break }
      switch progress {
      case .advanced: continue
      case .upToDate:
        let restUs = restShare * Int64((archive.counters.writingNs - writtenNs) / 1000)
        _ = Poll.readable(signals.descriptor.raw, timeoutUs: min(max(restUs, pollUs), longestRestUs))
      case .waiting: _ = Poll.readable(signals.descriptor.raw, timeoutUs: obstacleRetryUs)
      }
    }
    ServiceManager.stopping()
    let commit = archive.position.commit
    log.info("stopped", metadata: ["commit": "\(commit)"])
  }

  /// Takes over all that is there, and returns.
  ///
  /// - Throws: as `run`; also when there is no journal, or no space.
  public static func runOnce(_ configuration: ArchiveConfiguration, log: Logger) throws -> ArchiveReport {
    let startNs = Clock.monotonicNs()
    let database = try ArchiveDatabase.open(configuration.databasePath)
    guard try Archive.hasJournal(configuration.journalFolder, calls: configuration.fileCalls) else {
      throw ArchiveError.noJournal(folder: configuration.journalFolder)
    }
    var archive = try Archive.open(configuration, database: database, log: log)
    try archive.catchUp()
    return ArchiveReport(
      counters: archive.counters, position: archive.position, elapsedNs: Clock.monotonicNs() - startNs)
  }

  /// - Returns: nil when asked to stop.
  private static func awaitDatabase(
    _ configuration: ArchiveConfiguration, _ signals: borrowing SignalDescriptor, _ report: inout ServiceReport,
    _ log: Logger
  ) throws -> ArchiveDatabase? {
    let path = configuration.databasePath
    var told: Archive.Obstacle?
    while true {
      do {
        let database = try ArchiveDatabase.open(path)
        if told != nil { ArchiveLog(logger: log).tell(.databaseAvailable, [.database: "\(path)"]) }
        return database
      } catch let error as ArchiveError {
        guard case .obstructed(_, let obstacle) = error else { throw error }
        let status = "waiting for the database: \(obstacle.description)"
        if told == nil { ServiceManager.ready(status: status) }
        if told != obstacle {
          ArchiveLog(logger: log).tell(.databaseUnavailable, [.cause: "\(error)", .database: "\(path)"])
        }
        told = obstacle
        if report.tick() { ServiceManager.status(status) }
        if Poll.readable(signals.descriptor.raw, timeoutUs: obstacleRetryUs), signals.next() != nil { return nil }
      }
    }
  }

  /// - Returns: false when asked to stop.
  private static func awaitJournal(
    _ configuration: ArchiveConfiguration, _ signals: borrowing SignalDescriptor, _ report: inout ServiceReport,
    _ log: Logger
  ) throws -> Bool {
    if try Archive.hasJournal(configuration.journalFolder, calls: configuration.fileCalls) { return true }
    log.info("waiting for a journal in \(configuration.journalFolder)")
    let status = "waiting for a journal in \(configuration.journalFolder)"
    // What waits is up: whoever starts after it must not wait with it.
    ServiceManager.ready(status: status)
    while try !Archive.hasJournal(configuration.journalFolder, calls: configuration.fileCalls) {
      if report.tick() { ServiceManager.status(status) }
      if Poll.readable(signals.descriptor.raw, timeoutUs: pollUs), signals.next() != nil { return false }
    }
    return true
  }
}

/// What a catching up came to.
public struct ArchiveReport: Sendable, Hashable {
  public var counters: ArchiveCounters
  public var position: JournalPosition
  public var elapsedNs: UInt64
}

/// Tells the service manager at most once a second how the archive fares, and pings its watchdog. Called after each turn that
/// came to an end: it advanced, found nothing new, or was told that there is no space, which no restart changes.
struct ServiceReport {
  private let intervalNs: UInt64?
  private var lastPingNs: UInt64 = 0
  private var lastStatusNs: UInt64 = 0
  private static let statusIntervalNs: UInt64 = 1_000_000_000

  init() {
    intervalNs = ServiceManager.watchdogInterval.map {
      UInt64($0.components.seconds) * 1_000_000_000 + UInt64($0.components.attoseconds / 1_000_000_000)
    }
  }

  /// - Returns: whether a status is due.
  mutating func tick() -> Bool {
    let nowNs = Clock.bootNs()
    if let intervalNs, nowNs - lastPingNs >= intervalNs / 4 {
      lastPingNs = nowNs
      ServiceManager.watchdogPing()
    }
    guard nowNs - lastStatusNs >= Self.statusIntervalNs else { return false }
    lastStatusNs = nowNs
    return true
  }
}

extension Archive {
  /// For people: how far it is, and how far behind.
  func status(_ progress: Progress) -> String {
    let place = "at transaction \(position.lastTransaction), commit \(position.commit)"
    switch progress {
    case .upToDate: return "\(place), up to date"
    case .waiting(let obstacle): return "\(place), waiting for the database: \(obstacle.description)"
    case .advanced:
      let backlog = try? JournalBacklog.measure(folder: configuration.journalFolder, from: position)
      return backlog.map { "\(place), behind by \($0)" } ?? place
    }
  }
}
