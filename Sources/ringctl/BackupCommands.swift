import Archive
import ArgumentParser
import EventJSON
import Platform
import Terminal

/// `ringctl journal backup`.
struct JournalBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copies the journal and the archive's database as they are at one moment into a new folder.",
    discussion: """
      Works beside a dispatcher and an archive, and needs neither. The copy is checked as "ringctl journal verify" does, \
      synced, and has its name only once it is whole; a folder that is there is refused. --json prints one object: backup, \
      journal, commit, last_transaction, epoch, created_ms, segments, snapshots, bytes, database_commit and damage, as the \
      file backup.json in it does. Damage that does not keep a dispatcher from starting is copied as it is, and \
      listed. Exits 0 only if the backup is there and a dispatcher can start on it.
      """)

  @OptionGroup var options: JournalOptions
  @OptionGroup var location: DatabaseLocation

  @Flag(name: .customLong("no-database"), help: "Leave the archive's database out.")
  var leavesDatabaseOut = false

  @Argument(help: "The folder to make.", completion: .directory)
  var folder: String

  func run() throws {
    let journal = try options.folder
    if !leavesDatabaseOut { try location.checkReadable() }
    if !leavesDatabaseOut, !Folder.fileExists(location.database) {
      throw CommandFailure(
        "there is no database \(location.database): say with --database where it is, or leave it out with --no-database"
      )
    }
    var progress = ProgressLine()
    let backup: Backup
    do {
      defer { progress.clear() }
      backup = try Backup.make(
        in: folder.trimmedPath, journal: journal, database: leavesDatabaseOut ? nil : location.database
      ) { step, done in
        progress.show(done, step)
      }
    }
    try StandardStream.output.writeLine(
      options.json
        ? backup.json.text
        : "\(backup.folder): \(backup.summary)")
    for fault in backup.damage {
      try? StandardStream.error.writeLine("ringctl: warning: the journal is damaged, but can still start: \(fault)")
    }
  }
}

/// `ringctl journal restore`.
struct JournalRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Puts the journal and the archive's database of a backup back where none are.",
    discussion: """
      The dispatcher and the archive must be stopped, and what was there must be out of the way: nothing is replaced. Run it \
      as the user of these services, who owns the files then. The copy is checked before it is put in place. The dispatcher \
      that starts on it begins a new epoch, so that no transaction's number is given twice, and opens no ring of before. \
      Where the archive's database is newer than the backup, keep it with --no-database: the archive goes on with it, and \
      marks what the journal does not have any more as superseded. --json prints one object, as "backup" does.
      """)

  @OptionGroup var options: JournalOptions
  @OptionGroup var location: DatabaseLocation

  @Flag(name: .customLong("no-database"), help: "Leave the archive's database as it is.")
  var leavesDatabaseOut = false

  @Option(name: [.customShort("m"), .customLong("message")], help: "Why, for restored.log in the journal's folder.")
  var reason: String

  @Argument(help: "The folder of the backup.", completion: .directory)
  var folder: String

  func run() throws {
    let journal = try options.folder
    let backup = try Backup.read(folder.trimmedPath)
    let restored: Backup
    var progress = ProgressLine()
    do {
      defer { progress.clear() }
      restored = try backup.restore(
        journal: journal, database: leavesDatabaseOut ? nil : location.database, reason: reason
      ) { step, done in
        progress.show(done, step)
      }
    }
    try StandardStream.output.writeLine(
      options.json ? restored.json.text : "restored \(restored.summary) in \(journal)")
  }
}

extension Backup {
  fileprivate var summary: String {
    let archive = databaseCommit.map { ", the archive up to commit \($0)" } ?? ", no archive"
    return "journal \(journal) up to commit \(commit), transaction \(lastTransaction), of epoch \(epoch), "
      + HumanNumber.bytes(bytes) + archive
  }
}

extension String {
  /// Without slashes at the end, so that names can be put behind it.
  fileprivate var trimmedPath: String {
    var path = self[...]
    while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
    return String(path)
  }
}
