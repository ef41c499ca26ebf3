import Terminal
import Testing

@Suite struct TextTableTests {
  private static func workers() -> TextTable {
    var table = TextTable("WORKER", "CPU", "SEEN", "STATE")
    table.add("w1", "1.5", "45 ms", "healthy")
    table.add("worker-漢", "12", "-", "lost")
    return table
  }

  @Test func columnsAlignAndNumbersStandOnTheRight() {
    #expect(
      Self.workers().lines() == [
        "WORKER     CPU   SEEN  STATE",
        "w1         1.5  45 ms  healthy",
        "worker-漢   12      -  lost",
      ])
  }

  @Test(arguments: [14, 18, 22, 25, 29, 30, 80])
  func linesFitTheWidth(_ columns: Int) {
    let lines = Self.workers().lines(maxColumns: columns)
    #expect(lines.allSatisfy { $0.displayWidth <= columns })
    // Two columns are left at 14, which fit.
    #expect(lines.contains { $0.contains("…") } == (15..<30).contains(columns))
    // Four columns of at least four (three where the content is narrower) and three gaps of two.
    let narrowest = 4 + 3 + 4 + 4 + 6
    #expect((lines[0].split(separator: " ").count == 4) == (columns >= narrowest))
  }

  @Test func rowsThatComeLaterStandInTheSameColumns() {
    let first = Self.workers()
    var later = TextTable("WORKER", "CPU", "SEEN", "STATE")
    later.add("w3", "8", "2 ms", "healthy")
    later.add("a-worker-with-a-long-name", "8", "2 ms", "healthy")
    #expect(
      later.rowLines(first.layout(maxColumns: 80)) == [
        "w3           8   2 ms  healthy",
        "a-worker…    8   2 ms  healthy",
      ])
    // What is no terminal gets all of a name.
    #expect(later.rowLines(first.layout())[1].hasPrefix("a-worker-with-a-long-name"))
  }

  @Test func stylesDoNotDisturbTheColumns() {
    var table = TextTable("A", "B")
    table.add(TextTable.Cell("x", .red), "longer")
    table.add("longest", TextTable.Cell("y", .bold, .cyan))
    let plain = table.lines()
    let painted = table.lines(paint: Paint(isEnabled: true))
    #expect(painted.map(\.displayWidth) == plain.map(\.displayWidth))
    #expect(painted[1] == "\u{1B}[31mx\u{1B}[0m        longer")
  }

  @Test func contentCannotDriveTheTerminal() {
    var table = TextTable("NAME")
    table.add(TextTable.Cell("evil\u{1B}[2J\n"))
    #expect(table.lines() == ["NAME", "evil\u{FFFD}[2J\u{FFFD}"])
  }

  @Test func addressesAreNotNumbers() {
    var table = TextTable("ADDRESS", "X")
    table.add("10.0.0.1:80", "1")
    table.add("10.0.0.10:80", "2")
    #expect(table.lines()[1].hasPrefix("10.0.0.1:80 "))
  }

  @Test func anEmptyTableIsItsTitle() {
    let table = TextTable("A", "B")
    #expect(table.isEmpty)
    #expect(table.lines() == ["A  B"])
  }
}
