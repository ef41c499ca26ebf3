import ArgumentParser
import EventJSON
import EventModel
import Platform
import Terminal

/// Prints rows: as a table for people, or one JSON object a line.
struct Listing {
  static let help = "--json prints one object a line."

  let isJSON: Bool
  let paint = Paint(TerminalCapabilities())

  /// - Parameter none: what to say to people when there are no rows.
  func show(_ objects: @autoclosure () -> [JSONValue], _ table: @autoclosure () -> TextTable, none: String) throws {
    if isJSON {
      for object in objects() { try StandardStream.output.writeLine(object.text) }
      return
    }
    let table = table()
    guard !table.isEmpty else {
      try StandardStream.output.writeLine(none)
      return
    }
    let columns = TerminalSize()?.columns
    for line in table.lines(maxColumns: columns, paint: paint) { try StandardStream.output.writeLine(line) }
  }
}

/// Prints rows as they come: the columns of the table fit the first ones.
struct ListingStream<Element> {
  private let listing: Listing
  private let limit: Int
  private let json: (Element) -> JSONValue
  private let table: ([Element]) -> TextTable
  private var layout: TextTable.Layout?
  private var shown = 0

  /// - Parameter limit: the most rows to print; nil prints all.
  init(
    _ listing: Listing, limit: Int?, json: @escaping (Element) -> JSONValue,
    table: @escaping ([Element]) -> TextTable
  ) {
    self.listing = listing
    self.limit = limit ?? .max
    self.json = json
    self.table = table
  }

  /// - Returns: whether more rows would be printed.
  mutating func show(_ elements: [Element]) throws -> Bool {
    let wanted = Array(elements.prefix(limit - shown))
    shown += wanted.count
    if listing.isJSON {
      for element in wanted { try StandardStream.output.writeLine(json(element).text) }
    } else if !wanted.isEmpty {
      let table = table(wanted)
      if layout == nil {
        let layout = table.layout(maxColumns: TerminalSize()?.columns)
        self.layout = layout
        try StandardStream.output.writeLine(table.titleLine(layout, paint: listing.paint))
      }
      guard let layout else { return false }
      for line in table.rowLines(layout, paint: listing.paint) { try StandardStream.output.writeLine(line) }
    }
    return shown < limit
  }

  /// - Parameter none: what to say to people when there were no rows.
  func end(none: String) throws {
    if shown == 0 && !listing.isJSON { try StandardStream.output.writeLine(none) }
  }
}

/// How much of a list is wanted.
struct ListLimit: ParsableArguments {
  @Option(help: ArgumentHelp("Only so many rows, the first ones.", valueName: "rows"))
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: expected 1 or more") }
  }
}

/// What is shown when there are no rows.
extension String {
  static let noWorkers = "no workers are registered"
  static let noSuchWorkers = "no such worker"
  static let noJobs = "no jobs"
  static let noSuchJobs = "no such jobs"
  static let noTasks = "no such tasks"
}

extension TaskView {
  /// Is it of this job and in this state, as far as they are said?
  func isOf(job: String?, in state: TaskState?) -> Bool {
    (job == nil || name.job == job) && (state == nil || self.state == state)
  }
}
