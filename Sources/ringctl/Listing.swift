import EventJSON
import Platform
import Terminal

/// Prints rows: as a table for people, or one JSON object a line.
struct Listing {
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

/// Values as tables show them.
enum CellText {
  /// How long ago something was: `3.2 s`.
  static func age(sinceMs: Int64, nowMs: Int64 = Clock.wallMs()) -> String {
    HumanNumber.duration(ms: UInt64(max(nowMs - sinceMs, 0)))
  }

  static func cpus(milliCPU: Int64) -> String {
    JSONValue.cpus(milliCPU: milliCPU).text
  }
}
