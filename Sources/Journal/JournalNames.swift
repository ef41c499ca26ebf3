/// The names of files in a journal's folder.
enum JournalNames {
  static let lock = "journal.lock"
  /// A segment that is being made ready.
  static let preparedSegment = "segment-next.tmp"
  static let unfinishedSnapshot = "snapshot.tmp"
  /// The snapshot of the end, that a dispatcher leaves when it is stopped.
  static let stopSnapshot = "stopped.rms"

  private static let digits = 20

  static func segment(firstCommit: UInt64) -> String {
    "segment-\(padded(firstCommit)).rmj"
  }

  static func snapshot(commit: UInt64) -> String {
    "snapshot-\(padded(commit)).rms"
  }

  /// The number of the first commit in the segment of this name; nil for other files.
  static func firstCommit(ofSegment name: String) -> UInt64? {
    number(in: name, prefix: "segment-", suffix: ".rmj")
  }

  static func commit(ofSnapshot name: String) -> UInt64? {
    number(in: name, prefix: "snapshot-", suffix: ".rms")
  }

  private static func padded(_ number: UInt64) -> String {
    let text = String(number)
    return String(repeating: "0", count: digits - text.utf8.count) + text
  }

  private static func number(in name: String, prefix: String, suffix: String) -> UInt64? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix),
      name.utf8.count == prefix.utf8.count + digits + suffix.utf8.count
    else { return nil }
    return UInt64(name.dropFirst(prefix.count).prefix(digits))
  }
}
