import ArgumentParser
import EventJSON
import Platform
import Presentation
import SQLite
import Terminal

/// `ringctl query`: any question in SQL.
struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Asks the archive in SQL.",
    discussion: """
      Reads the database of ringmaster-archive beside it (mode=ro) and changes nothing: a statement that would is refused. \
      "ringmaster-archive schema" prints the tables with what each column means. --json prints one object a line, a BLOB \
      as hexadecimal digits. All rows are read before the first is printed, and --timeout ends a query that takes longer: \
      the archive's write-ahead log cannot be emptied while somebody reads. For instance:

        ringctl query "SELECT kind, count(*) FROM transactions GROUP BY kind ORDER BY 2 DESC"
      """)

  @OptionGroup var options: DatabaseOptions

  @Option(help: ArgumentHelp("How long it may take.", valueName: "time"))
  var timeout = DurationArgument(milliseconds: 60_000)

  @Argument(help: "One statement.")
  var sql: String

  func run() throws {
    let connection = try options.open { try SQLiteConnection.open($0, .readOnly) }
    connection.limitValues(bytes: Self.maximumValueBytes)
    var statement = try connection.prepare(sql)
    guard statement.isReadOnly else {
      throw CommandFailure("the archive is read here, and written by ringmaster-archive alone: expected a query")
    }
    connection.interruptAfter(ms: timeout.milliseconds)
    do {
      try show(&statement, of: connection)
    } catch let error as SQLiteError where error.meansInterrupted {
      throw tookTooLong
    } catch let error as SQLiteError where error.meansTooLong {
      throw CommandFailure("a value of the query is longer than \(Self.maximumValueBytes) bytes: ask for a part of it")
    } catch let error as SystemError where error.meansNoReader {
      // Nobody reads it any more, as with "ringctl query | head".
    }
  }

  /// More than any that the archive holds: all actions of a cascade through a large fleet are one.
  private static let maximumValueBytes: Int32 = 64 << 20

  private var tookTooLong: CommandFailure {
    CommandFailure(
      "the query took longer than \(timeout): ask for less, or give it longer with --timeout; meanwhile the archive's "
        + "write-ahead log grows")
  }

  private func show(_ statement: inout SQLiteStatement, of connection: borrowing SQLiteConnection) throws {
    let deadline = try QueryDeadline(ms: timeout.milliseconds, tookTooLong)
    /// SQLite looks at the time while it works, and not while a row is being taken.
    func next(_ statement: inout SQLiteStatement) throws -> Bool {
      guard !connection.isOverdue else { throw tookTooLong }
      return try statement.step()
    }
    let columns = (0..<statement.columnCount).map { statement.columnName($0) }
    guard !columns.isEmpty else { return }
    if options.json {
      let names = Self.distinct(columns)
      var spool = LineSpool()
      while try next(&statement) {
        let members = names.enumerated().map { JSONValue.Member($1, statement.value($0).json) }
        try spool.add(JSONValue.object(members).text)
      }
      statement.reset()
      deadline.end()
      return try spool.forEach { try StandardStream.output.writeLine($0) }
    }
    var table = TextTable(titles: columns)
    while try next(&statement) { table.add(columns.indices.map { TextTable.Cell(statement.value($0).text) }) }
    statement.reset()
    deadline.end()
    try Listing(isJSON: false).show([], table, none: "no rows")
  }

  /// An object has each name once: the second column of a name gets a number behind it.
  private static func distinct(_ names: [String]) -> [String] {
    var counts: [String: Int] = [:]
    return names.map { name in
      counts[name, default: 0] += 1
      return counts[name] == 1 ? name : "\(name)_\(counts[name] ?? 0)"
    }
  }
}

extension SQLiteStatement.Value {
  var json: JSONValue {
    switch self {
    case .null: .null
    case .integer(let number): .integer(number)
    case .real(let number): number.isFinite ? .number("\(number)") : .string("\(number)")
    case .text(let text): .string(text)
    case .blob(let bytes): .string(Self.hexadecimal(bytes))
    }
  }

  var text: String {
    switch self {
    case .null: "-"
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .text(let text): text
    case .blob(let bytes): Self.hexadecimal(bytes)
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
