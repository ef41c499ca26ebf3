/// What an archive has done since it was opened.
public struct ArchiveCounters: Sendable, Hashable {
  public var commits: UInt64 = 0
  public var records: UInt64 = 0
  public var transactions: UInt64 = 0
  public var actions: UInt64 = 0
  /// Of records.
  public var bytes: UInt64 = 0
  /// Transactions of the database.
  public var batches: UInt64 = 0
  /// Time spent in syncing the journal and writing to the database.
  public var writingNs: UInt64 = 0
  public var snapshots: UInt64 = 0
  public var removedSegments: UInt64 = 0
  public var losses: UInt64 = 0
  /// Things of old history that went: transactions, and what nothing tells of any more.
  public var removedRows: UInt64 = 0

  mutating func count(_ batch: borrowing ProjectionBatch, writtenInNs ns: UInt64) {
    records += batch.records
    transactions += UInt64(batch.transactions.count)
    actions += UInt64(batch.actions)
    losses += UInt64(batch.losses.count)
    batches += 1
    writingNs += ns
  }
}
