/// What a reader went past.
public struct JournalLoss: Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and where it began.
  public let damage: JournalDamage
  /// The numbers of the commits that are gone: none when nothing readable follows.
  public let commits: Range<UInt64>?
  /// The same of their records.
  public let records: Range<UInt64>?
  /// The same of their transactions.
  public internal(set) var transactions: Range<UInt64>?
  /// A salvage went past it already: the commit that says so.
  public let salvagedBy: UInt64?

  public var description: String {
    let lost =
      if let commits, let records {
        if commits.isEmpty {
          "no commit is lost by it"
        } else {
          "lost are commits \(commits.lowerBound) to \(commits.upperBound &- 1) with records "
            + "\(records.lowerBound) to \(records.upperBound &- 1)" + transactionText
        }
      } else {
        "lost is all that followed"
      }
    return "\(damage.file) at byte \(damage.offset): expected \(damage.expected), found \(damage.actual); \(lost)"
  }

  private var transactionText: String {
    guard let transactions else { return "" }
    if transactions.isEmpty { return " and no transaction" }
    return " and transactions \(transactions.lowerBound) to \(transactions.upperBound &- 1)"
  }
}
