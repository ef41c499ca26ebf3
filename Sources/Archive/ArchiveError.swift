import Journal
import Platform
import SQLite

/// Why an archive cannot go on.
public enum ArchiveError: Error, Sendable, CustomStringConvertible {
  /// The file is a SQLite database of something else.
  case notAnArchive(database: String)
  /// The database of a newer or older version of this software.
  case otherVersion(OtherVersion)
  /// It is the archive of another journal.
  case otherJournal(database: String, expected: String, folder: String, found: String)
  /// The journal is the same, but another history: the archive's last commit is not in it as it was.
  case otherHistory(database: String, commit: UInt64, hash: ChainHash, damage: JournalDamage)
  /// Commits that the archive needs are not in the journal any more.
  case segmentsGone(database: String, commit: UInt64, folder: String, firstCommit: UInt64)
  /// There is nothing to take over.
  case noJournal(folder: String)
  /// Somebody removed or replaced the database while the archive had it open.
  case databaseGone(database: String)
  /// The database cannot be opened, or not be brought to the present schema.
  case unusable(database: String, SQLiteError)
  /// The database cannot be written to now.
  case obstructed(database: String, Archive.Obstacle)

  public var description: String {
    switch self {
    case .notAnArchive(let database):
      "\(database) is a database, but no archive: expected a new file or one that ringmaster-archive made; "
        + "choose another with --database"
    case .otherVersion(let other): "\(other)"
    case .otherJournal(let database, let expected, let folder, let found):
      "\(database) is the archive of journal \(expected), and \(folder) is journal \(found); "
        + "choose the journal it belongs to, or another --database, or continue with this journal in the same database with "
        + "--adopt, which keeps the history of both"
    case .otherHistory(let database, let commit, let hash, let damage):
      "\(database) stands at commit \(commit) with the hash \(hash), and the journal is another there: \(damage.file), "
        + "byte \(damage.offset): expected \(damage.expected), found \(damage.actual); one of the two was restored from "
        + "an older copy: choose the copy that belongs to it, or another --database"
    case .segmentsGone(let database, let commit, let folder, let firstCommit):
      "\(database) needs the journal from commit \(commit) on, and \(folder) begins with commit \(firstCommit): restore "
        + "the older segments from a copy, or continue from the next snapshot with --salvage, which records in the table "
        + "losses what is missing"
    case .noJournal(let folder):
      "there is no journal in \(folder): name with --journal the folder that ringmasterd was given"
    case .databaseGone(let database):
      "\(database) is not the file any more that this archive has opened: it was removed, renamed or replaced; put it back "
        + "together with \(database)-wal, or start anew to make a new one from what the journal still has. Since that was "
        + "noticed, nothing of the journal was let go"
    case .unusable(let database, let error):
      "\(database) cannot be opened as an archive: \(error); \(Self.advice(on: error))"
    case .obstructed(let database, let obstacle):
      "\(database) cannot be written to: \(obstacle.description); nothing is lost, try again when that has passed"
    }
  }
}

extension ArchiveError {
  private static func advice(on error: SQLiteError) -> String {
    if error.meansDamaged {
      return "choose another file with --database, or restore it with \"ringctl journal restore\" from a backup"
    }
    if error.meansCannotOpen { return "see that its folder is there and that this user may write to it" }
    return "see whether its disk is whole and has space, or choose another file with --database"
  }
}

extension Archive.Obstacle {
  /// Nil when it is something that does not pass.
  init?(_ error: SQLiteError) {
    guard error.meansNoSpace || error.meansBusy else { return nil }
    self = error.meansNoSpace ? .space : .otherWriter
  }

  var description: String {
    switch self {
    case .space: "its file system is full"
    case .otherWriter: "another process has begun to write to it"
    }
  }
}
