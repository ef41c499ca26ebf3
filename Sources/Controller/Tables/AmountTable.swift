/// Amounts by row, with a column for each resource that any of them has some of: where nothing but cpu is named, a row is one
/// number.
struct AmountTable: ~Copyable, Sendable {
  private(set) var width = 1
  /// Row after row.
  var values: [Int64]

  /// - Parameter empty: the cpu of a row that nothing was set in.
  init(rows: Int = 0, empty: Int64 = 0) {
    values = [Int64](repeating: empty, count: rows)
  }

  var count: Int { values.count / width }

  mutating func grow(toRows rows: Int) {
    while values.count < rows * width { values.append(0) }
  }

  @inline(__always)
  mutating func widen(to newWidth: Int) {
    if newWidth > width { addColumns(newWidth) }
  }

  @inline(never)
  private mutating func addColumns(_ newWidth: Int) {
    var wider = [Int64](repeating: 0, count: count * newWidth)
    for row in 0..<count {
      for column in 0..<width { wider[row * newWidth + column] = values[row * width + column] }
    }
    (width, values) = (newWidth, wider)
  }

  /// Where the numbers of a row are in `values`. Callers pass this with the table instead of a span, since a span would keep
  /// the table's owner from being changed.
  @inline(__always)
  func place(_ row: Int) -> Range<Int> { (row * width)..<((row + 1) * width) }

  subscript(row: Int) -> Amounts {
    get { Amounts(values.span.extracting(place(row))) }
    set {
      widen(to: newValue.width)
      for column in 0..<width { values[row * width + column] = newValue[column] }
    }
  }

  /// One number; 0 in a column that there is not.
  subscript(row: Int, column: Int) -> Int64 {
    @inline(__always)
    get { column < width ? values[row &* width &+ column] : 0 }
  }

  @inline(__always)
  mutating func add(_ other: borrowing AmountTable, _ place: Range<Int>, at row: Int) {
    combine(other.values.span.extracting(place), at: row, &+)
  }

  @inline(__always)
  mutating func subtract(_ other: borrowing AmountTable, _ place: Range<Int>, at row: Int) {
    combine(other.values.span.extracting(place), at: row, &-)
  }

  @inline(__always)
  private mutating func combine(_ amounts: Span<Int64>, at row: Int, _ operation: (Int64, Int64) -> Int64) {
    widen(to: amounts.count)
    let start = row &* width
    var values = values.mutableSpan
    for column in amounts.indices {
      values[start &+ column] = operation(values[start &+ column], amounts[column])
    }
  }
}
