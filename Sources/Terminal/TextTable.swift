/// Rows of cells in aligned columns, narrowed to fit the width there is.
public struct TextTable: Sendable {
  public struct Cell: Hashable, Sendable, ExpressibleByStringLiteral {
    let text: String
    let styles: [Style]

    /// Control characters in `text` are replaced, so that no name can drive the terminal.
    public init(_ text: String, _ styles: Style...) {
      self.text = text.withoutControls
      self.styles = styles
    }

    public init(stringLiteral text: String) {
      self.init(text)
    }
  }

  /// No column is narrowed below this.
  static let minColumnWidth = 4
  private static let gap = "  "

  private let titles: [String]
  private var rows: [[Cell]] = []

  public init(_ titles: String...) {
    self.init(titles: titles)
  }

  public init(titles: [String]) {
    precondition(!titles.isEmpty, "a table has at least one column")
    self.titles = titles
  }

  public var isEmpty: Bool {
    rows.isEmpty
  }

  /// Adds a row with one cell for each column.
  public mutating func add(_ row: [Cell]) {
    precondition(row.count == titles.count, "a row of this table has \(titles.count) cells, not \(row.count)")
    rows.append(row)
  }

  public mutating func add(_ row: Cell...) {
    add(row)
  }

  /// How wide the columns of a table are, and on which side their cells stand.
  public struct Layout: Sendable {
    /// Of the columns that are shown; there may be more.
    fileprivate let widths: [Int]
    fileprivate let isNumeric: [Bool]
    /// Cells wider than their column are cut.
    fileprivate let cuts: Bool
  }

  /// For the rows there are. Columns that hold only numbers are aligned on the right. If the table is wider than
  /// `maxColumns`, the widest columns are cut first, and the last ones left out for which there is no room even so; nil
  /// lets it be as wide as it is.
  public func layout(maxColumns: Int? = nil) -> Layout {
    let isNumeric = titles.indices.map { column in
      let texts = rows.map { $0[column].text }.filter { !$0.isEmpty && $0 != "-" }
      return !texts.isEmpty && texts.allSatisfy(Self.isNumber)
    }
    return Layout(
      widths: fitted(naturalWidths(), into: maxColumns), isNumeric: isNumeric, cuts: maxColumns != nil)
  }

  /// The title and the rows, without trailing blanks.
  public func lines(maxColumns: Int? = nil, paint: Paint = Paint(isEnabled: false)) -> [String] {
    let layout = layout(maxColumns: maxColumns)
    return [titleLine(layout, paint: paint)] + rowLines(layout, paint: paint)
  }

  public func titleLine(_ layout: Layout, paint: Paint = Paint(isEnabled: false)) -> String {
    line(titles.map { title in Cell(title, .bold) }, layout, paint)
  }

  /// - Parameter layout: of this table, or of one with the same titles whose rows were shown before.
  public func rowLines(_ layout: Layout, paint: Paint = Paint(isEnabled: false)) -> [String] {
    rows.map { line($0, layout, paint) }
  }

  private func line(_ cells: [Cell], _ layout: Layout, _ paint: Paint) -> String {
    var line = ""
    var blanks = ""
    for (column, (cell, width)) in zip(cells, layout.widths).enumerated() {
      let text = layout.cuts ? cell.text.clipped(toColumns: width) : cell.text
      let padding = String(repeating: " ", count: max(width - text.displayWidth, 0))
      if layout.isNumeric[column] { blanks += padding }
      // Blanks are written only once something follows them.
      if !text.isEmpty {
        line += blanks + paint(text, cell.styles)
        blanks = ""
      }
      if !layout.isNumeric[column] { blanks += padding }
      blanks += Self.gap
    }
    return line
  }

  private func naturalWidths() -> [Int] {
    titles.indices.map { column in
      rows.reduce(titles[column].displayWidth) { max($0, $1[column].text.displayWidth) }
    }
  }

  private func fitted(_ widths: [Int], into maxColumns: Int?) -> [Int] {
    guard let maxColumns else { return widths }
    var widths = widths
    func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + Self.gap.count * (widths.count - 1) }
    while widths.count > 1, total(widths.map { min($0, Self.minColumnWidth) }) > maxColumns { widths.removeLast() }
    var excess = total(widths) - maxColumns
    while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
      widths[widest] > Self.minColumnWidth
    {
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  /// A number, with a unit behind a space or not: `12`, `-1.5`, `12.3 k`, `45 ms`, `97%`.
  static func isNumber(_ text: String) -> Bool {
    let number = text.prefix { $0 != " " && $0 != "%" }
    guard let first = number.first(where: { $0 != "-" && $0 != "+" }), first.isASCII, first.isNumber else {
      return false
    }
    return Double(number) != nil
  }
}
