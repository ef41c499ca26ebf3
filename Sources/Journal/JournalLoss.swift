/// What a salvage went past.
public struct JournalLoss: Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and where it began.
  public let damage: JournalDamage
  /// The numbers of the commits that are gone: none when nothing readable follows.
  public let commits: Range<UInt64>?
  /// The same of their records.
  public let records: Range<UInt64>?

  public var description: String {
    let lost =
      if let commits, let records {
        "lost are commits \(commits.lowerBound) to \(commits.upperBound - 1) with records "
          + "\(records.lowerBound) to \(records.upperBound - 1)"
      } else {
        "lost is all that followed"
      }
    return "\(damage.file) at byte \(damage.offset): expected \(damage.expected), found \(damage.actual); \(lost)"
  }
}
