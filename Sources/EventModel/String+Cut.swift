extension String {
  /// As many whole scalars as fit into `limit` bytes of UTF-8. A single character may be longer than any limit.
  public func cut(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var end = utf8.index(utf8.startIndex, offsetBy: limit)
    while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(unicodeScalars[..<end])
  }

  /// The same, with how long it was at its end when it was cut.
  public func cutVisibly(toBytes limit: Int) -> String {
    let bytes = utf8.count
    guard bytes > limit else { return self }
    let mark = "… (cut, \(bytes) bytes)"
    return cut(toBytes: max(limit - mark.utf8.count, 0)) + mark
  }
}
