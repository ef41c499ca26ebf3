import EventModel
import Journal

/// What an archive has of one journal as it was last, through all its epochs: each takes over from those before it where its
/// numbers begin.
struct ArchiveLine {
  private let epochs: [ArchiveEpoch]
  /// The newest that is archived.
  private let lastTransaction: UInt64
  /// The id of the oldest transaction in the database, of whatever journal: retention removed what was before.
  private let oldestID: UInt64

  /// - Parameters:
  ///   - all: the epochs of the archive.
  ///   - last: the newest transaction; nil to look for it.
  init(
    _ all: [ArchiveEpoch], of journal: String, in database: borrowing ArchiveDatabase, upTo last: UInt64? = nil
  ) throws {
    epochs = all.filter { $0.journal == journal }
    oldestID = try database.oldestTransaction()
    lastTransaction = try last ?? Self.lastTransaction(of: epochs, in: database)
  }

  private static func lastTransaction(
    of epochs: [ArchiveEpoch], in database: borrowing ArchiveDatabase
  ) throws -> UInt64 {
    for epoch in epochs.reversed() {
      guard let number = try database.lastTransaction(of: epoch) else { continue }
      return min(number, epoch.supersededAfter ?? .max)
    }
    return 0
  }

  /// Is what a dispatcher did behind the transaction with this number a part of it? Of dispatchers from before there were
  /// epochs, nobody can tell.
  func knows(_ epoch: UInt64, behind number: UInt64) -> Bool {
    epoch > 0 && epochs.contains { $0.epoch == epoch && $0.supersededAfter ?? .max > number }
  }

  /// Is a snapshot surely of it?
  func has(_ snapshot: Snapshot) -> Bool {
    let number = snapshot.position.lastTransaction
    return number <= lastTransaction && knows(snapshot.ledger.epoch, behind: number)
  }

  /// The epoch that has, or would have, the transaction with this number.
  func epoch(of number: UInt64) -> ArchiveEpoch? { epochs.last { $0.firstTransaction <= number } }

  /// Did a dispatcher make a transaction that was archived and that retention has removed?
  func hadOnce(_ number: UInt64, by epoch: UInt64) -> Bool {
    guard number <= lastTransaction, let holder = self.epoch(of: number) else { return false }
    return holder.epoch == epoch && holder.id(of: number) < oldestID
  }

  /// What a journal leaves that goes on behind this number; nil when it leaves nothing.
  func superseded(after number: UInt64) -> ProjectionBatch.Superseded? {
    guard lastTransaction > number, let first = epoch(of: number &+ 1) ?? epochs.first else { return nil }
    return ProjectionBatch.Superseded(journal: first.journal, firstIndex: first.index, afterNumber: number)
  }
}

extension ArchiveDatabase {
  /// Has it what a commit tells of?
  ///
  /// - Parameter epoch: of the dispatcher before it.
  func has(
    _ commit: JournalCommit, behind position: JournalPosition, of epoch: UInt64, _ line: ArchiveLine
  ) throws -> Bool {
    var (epoch, number) = (epoch, position.lastTransaction)
    for (offset, record) in commit.records().enumerated() {
      let event: Event
      switch record {
      case .event(let journaled): event = journaled.event
      case .started(let start):
        guard line.knows(start.epoch, behind: number) else { return false }
        epoch = start.epoch
        continue
      default: continue
      }
      number &+= 1
      if line.hadOnce(number, by: epoch) { continue }
      let expected = TransactionFingerprint(
        record: commit.firstRecord + UInt64(offset), peer: UInt64(event.id.peer), position: event.id.position,
        kind: event.kind.name)
      guard let holder = line.epoch(of: number),
        try fingerprint(ofTransaction: holder.id(of: number)) == expected
      else { return false }
    }
    return true
  }
}
