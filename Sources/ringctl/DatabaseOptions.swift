import Archive
import ArgumentParser
import Platform
import SQLite

/// Where the archive is.
struct DatabaseLocation: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The archive's database; else RINGMASTER_DATABASE names it.", valueName: "file"))
  var database = Environment.value("RINGMASTER_DATABASE") ?? "/var/lib/ringmaster/archive.sqlite"

  /// - Throws: `CommandFailure` when this user may not read it.
  func checkReadable() throws {
    try CommandFailure.checkReadable(database, group: "ringmaster-observer", or: "ringmaster-operator")
  }

  /// - Throws: `CommandFailure` that says how to come by a database when there is none.
  func open<Opened: ~Copyable>(_ open: (String) throws -> Opened) throws -> Opened {
    try checkReadable()
    do {
      return try open(database)
    } catch let error as SQLiteError where error.meansCannotOpen {
      throw CommandFailure(
        "no archive can be read at \(database): \"ringmaster-archive --journal DIR --database FILE\" makes one; say with "
          + "--database where it is")
    }
  }
}

/// What all commands that read the archive alone share.
struct DatabaseOptions: ParsableArguments {
  @OptionGroup var location: DatabaseLocation

  @Flag(help: "Print JSON: one object a line, without colours.")
  var json = false

  /// - Throws: `CommandFailure` that says how to come by a database when there is none.
  func open<Opened: ~Copyable>(_ open: (String) throws -> Opened) throws -> Opened {
    try location.open(open)
  }
}
