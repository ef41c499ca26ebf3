import EventJSON
import Journal
import Platform
import SQLite

extension Backup {
  /// What a backup says of itself.
  ///
  /// - Throws: `BackupError.notABackup`, `.otherVersion`.
  public static func read(_ folder: String) throws -> Backup {
    guard let bytes = try? File.open(readingFrom: "\(folder)/\(manifestName)").contents(atMost: manifestBytes),
      let manifest = try? JSONValue(parsing: bytes), Folder.fileExists("\(folder)/\(journalName)")
    else { throw BackupError.notABackup(folder) }
    let version = UInt32(clamping: manifest.number("version") ?? 1)
    guard version == Self.version else {
      throw BackupError.otherVersion(
        OtherVersion(
          "\(folder)/\(manifestName)", found: version, supported: Self.version...Self.version,
          alternative: "restore a backup that this one made"))
    }
    guard case .string(let journal)? = manifest["journal"], let commit = manifest.number("commit"),
      let transaction = manifest.number("last_transaction"),
      let epoch = manifest.number("epoch")
    else { throw BackupError.notABackup(folder) }
    return Backup(
      folder: folder, journal: journal, commit: commit, lastTransaction: transaction, epoch: epoch,
      createdMs: Int64(clamping: manifest.number("created_ms") ?? 0),
      segments: Int(clamping: manifest.number("segments") ?? 0),
      snapshots: Int(clamping: manifest.number("snapshots") ?? 0), bytes: manifest.number("bytes") ?? 0,
      databaseCommit: manifest.number("database_commit"), damage: manifest.strings("damage"))
  }

  /// Puts a journal, and the archive's database, back where nothing is and nobody works. The dispatcher that starts on it
  /// begins a new epoch, so that no number is given twice and no ring of the other life is opened.
  ///
  /// - Parameters:
  ///   - database: where the archive goes; nil to leave it as it is.
  ///   - reason: why; kept with who and when in `restored.log` in the journal's folder.
  /// - Returns: what is there from it.
  /// - Throws: `BackupError`; `JournalError.locked` when a dispatcher has the journal; `SQLiteError`, `SystemError`.
  @discardableResult
  public func restore(
    journal target: String, database: String?, reason: String, _ each: (_ step: String, _ done: Double) throws -> Void
  ) throws -> Backup {
    let isFree = { try JournalCopy.isRestoring(target) || !JournalCopy.isThere(target) }
    guard try isFree() else { throw BackupError.notEmpty(target) }
    let journalLock = try JournalLock.take(folder: target)
    defer { withExtendedLifetime(journalLock) {} }
    guard try isFree() else { throw BackupError.notEmpty(target) }
    let database = databaseCommit == nil ? nil : database
    if let database, Folder.fileExists(database), !isRestored(database) { throw BackupError.notEmpty(database) }
    let source = "\(folder)/\(Self.journalName)"
    try JournalCopy.restore(from: source, in: target) { made, folder in
      guard made.journal.description == journal, made.position.commit == commit else {
        throw BackupError.notWhole(source)
      }
      guard try Self.verify(folder, of: source, each).epoch == epoch else { throw BackupError.notWhole(source) }
      if let database, !Folder.fileExists(database) { try restoreDatabase(database, each) }
      try log(reason, in: target)
    } _: { done, total in
      try each("the journal", Double(done) / Double(max(total, 1)))
    }
    var restored = self
    if database == nil { restored.databaseCommit = nil }
    return restored
  }

  /// Is the database the one of this backup, as a restore that was interrupted has left it?
  private func isRestored(_ database: String) -> Bool {
    guard !Folder.fileExists("\(database)-wal"), let mark = (try? DatabaseCheck.run(database)) ?? nil else {
      return false
    }
    return mark.journal == journal && mark.position.commit == databaseCommit
  }

  private func restoreDatabase(_ target: String, _ each: (_ step: String, _ done: Double) throws -> Void) throws {
    guard !Folder.fileExists(target), !Folder.fileExists("\(target)-wal") else { throw BackupError.notEmpty(target) }
    let lock = try FileLock.take(
      path: "\(target).lock", holder: "a ringmaster-archive", advice: "stop that one or use another --database")
    defer { withExtendedLifetime(lock) {} }
    try each("the database", 0)
    let partial = "\(target).partial"
    try Folder.removeFile(partial)
    try SQLiteConnection.open("\(folder)/\(Self.databaseName)", .readOnly).copy(to: partial)
    try File.sync(partial)
    guard try DatabaseCheck.run(partial, as: "\(folder)/\(Self.databaseName)")?.position.commit == databaseCommit else {
      try Folder.removeFile(partial)
      throw BackupError.notWhole("\(folder)/\(Self.databaseName)")
    }
    try Folder.rename(partial, to: target)
    try Folder.sync(Folder.parent(of: target))
  }

  private func log(_ reason: String, in target: String) throws {
    let line = JSONValue.object([
      JSONValue.Member("restored_ms", .integer(Clock.wallMs())), JSONValue.Member("backup", .string(folder)),
      JSONValue.Member("commit", .integer(commit)), JSONValue.Member("last_transaction", .integer(lastTransaction)),
      JSONValue.Member("epoch", .integer(epoch)), JSONValue.Member("uid", .integer(Machine.effectiveUserID())),
      JSONValue.Member("reason", .string(reason)),
    ])
    let path = "\(target)/restored.log"
    let file = Folder.fileExists(path) ? try File.open(writingTo: path) : try File.create(path)
    try file.append(line.text + "\n")
    try File.syncData(file.rawDescriptor)
  }
}

extension JSONValue {
  fileprivate func number(_ name: String) -> UInt64? {
    guard case .number(let text)? = self[name] else { return nil }
    return UInt64(text)
  }

  fileprivate func strings(_ name: String) -> [String] {
    guard case .array(let items)? = self[name] else { return [] }
    return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}
