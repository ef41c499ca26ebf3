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

  subscript(row: Int) -> Amounts {
    @inline(__always)
    get {
      var amounts = Amounts(milliCPU: values[row * width])
      if width > 1 { fill(&amounts, row) }
      return amounts
    }
    @inline(__always)
    set {
      widen(to: newValue.width)
      values[row * width] = newValue.milliCPU
      for column in 1..<width { values[row * width + column] = newValue[column] }
    }
  }

  private func fill(_ amounts: inout Amounts, _ row: Int) {
    for column in 1..<width { amounts[column] = values[row * width + column] }
  }

  /// One number; 0 in a column that there is not.
  subscript(row: Int, column: Int) -> Int64 {
    @inline(__always)
    get { column < width ? values[row * width + column] : 0 }
    @inline(__always)
    set { values[row * width + column] = newValue }
  }

  @inline(__always)
  mutating func add(_ amounts: Amounts, at row: Int) {
    widen(to: amounts.width)
    values[row &* width] &+= amounts.milliCPU
    for column in 1..<amounts.width { values[row * width + column] &+= amounts[column] }
  }

  @inline(__always)
  mutating func subtract(_ amounts: Amounts, at row: Int) {
    values[row &* width] &-= amounts.milliCPU
    for column in 1..<amounts.width { values[row * width + column] &-= amounts[column] }
  }
}
