/// A stretch of an archive's history in which every number was given once: a dispatcher's life from one start to the next,
/// or what came of it when a journal was put back to an earlier state.
public struct ArchiveEpoch: Hashable, Sendable {
  /// Why it began.
  public enum Cause: String, Sendable {
    /// With it the archive begins.
    case first
    /// A dispatcher started.
    case start
    /// The journal had lost its end, or was restored from an older copy.
    case lostTail = "lost_tail"
    /// The archive was given another journal.
    case otherJournal = "other_journal"
  }

  /// Its place in the order of history, from 0.
  public let index: UInt64
  /// As results, `ringctl` and the journal tell it; 0 in a journal from before there were epochs.
  public let epoch: UInt64
  /// The journal's id.
  public let journal: String
  /// What ids of entities add to the generations of their handles: epochs that share it share their entities.
  public let generationBase: UInt64
  /// The number that its first transaction has, or would have.
  public let firstTransaction: UInt64
  public let cause: Cause
  /// Transactions with greater numbers were lost from the journal after they had been archived; nil when none was.
  public internal(set) var supersededAfter: UInt64?

  /// Bits of an id below the epoch's index.
  static let numberBits: UInt64 = 40
  static let greatestNumber: UInt64 = 1 << numberBits - 1

  init(
    index: UInt64, epoch: UInt64, journal: String, generationBase: UInt64, firstTransaction: UInt64, cause: Cause,
    supersededAfter: UInt64? = nil
  ) {
    self.index = index
    self.epoch = epoch
    self.journal = journal
    self.generationBase = generationBase
    self.firstTransaction = firstTransaction
    self.cause = cause
    self.supersededAfter = supersededAfter
  }

  /// That of a new archive.
  static func first(journal: String) -> ArchiveEpoch {
    ArchiveEpoch(index: 0, epoch: 0, journal: journal, generationBase: 0, firstTransaction: 1, cause: .first)
  }

  /// The one that begins when a dispatcher starts.
  func next(epoch: UInt64, firstTransaction: UInt64) -> ArchiveEpoch {
    ArchiveEpoch(
      index: index + 1, epoch: epoch, journal: journal, generationBase: generationBase,
      firstTransaction: firstTransaction, cause: .start)
  }

  /// The id of the transaction, or of the record, with this number. Ids rise in the order of history.
  func id(of number: UInt64) -> UInt64 { index << Self.numberBits | number & Self.greatestNumber }

  /// Between these lie all its ids.
  var firstID: UInt64 { index << Self.numberBits }
  var lastID: UInt64 { (index + 1) << Self.numberBits - 1 }

  static func number(ofID id: UInt64) -> UInt64 { id & greatestNumber }
  static func index(ofID id: UInt64) -> UInt64 { id >> numberBits }

  /// The id of what has this handle or, of a peer, this number.
  func entity(_ handle: UInt64) -> UInt64 { handle &+ generationBase << 32 }

  /// The handle of what has this id.
  func handle(ofEntity id: UInt64) -> UInt64 { id &- generationBase << 32 }

  /// Was the transaction with this number lost from the journal?
  public func isSuperseded(_ number: UInt64) -> Bool { supersededAfter.map { number > $0 } ?? false }
}
