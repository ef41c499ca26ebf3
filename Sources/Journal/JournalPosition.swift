import CRingmaster

/// A place between two commits, and what is known there of all before it.
public struct JournalPosition: Hashable, Sendable {
  /// The number of the commit before it; 0 at the beginning.
  public var commit: UInt64
  /// The number of the last record before it.
  public var lastRecord: UInt64
  /// The number of the newest transaction made before it.
  public var lastTransaction: UInt64
  /// Of the commit before it.
  public var hash: ChainHash
  /// The number of the first commit of the segment that it lies in, which is part of the segment's name.
  public var segment: UInt64
  /// In bytes from the segment's beginning.
  public var offset: UInt64
  /// Where the commit before it begins; 0 when that is not in this segment.
  public var commitOffset: UInt64

  public static let start = JournalPosition(
    commit: 0, lastRecord: 0, lastTransaction: 0, hash: .zero, segment: 1,
    offset: UInt64(JournalFormat.firstCommitOffset), commitOffset: 0)

  public init(
    commit: UInt64, lastRecord: UInt64, lastTransaction: UInt64, hash: ChainHash, segment: UInt64, offset: UInt64,
    commitOffset: UInt64
  ) {
    self.commit = commit
    self.lastRecord = lastRecord
    self.lastTransaction = lastTransaction
    self.hash = hash
    self.segment = segment
    self.offset = offset
    self.commitOffset = commitOffset
  }
}

extension JournalPosition {
  /// The same place as the beginning of a segment of its own.
  mutating func enterSegment() {
    segment = commit + 1
    offset = UInt64(JournalFormat.firstCommitOffset)
    commitOffset = 0
  }
}

/// The end of a journal, as a reader found it and a writer needs it to go on.
public struct JournalEnd: Hashable, Sendable {
  public let position: JournalPosition
  /// Bytes of a torn commit behind it, which a writer replaces by zeros.
  public let tornBytes: UInt64
  /// Nil when there is no segment at all.
  public let journal: JournalID?
  let segmentNumber: UInt64
  /// Of the segment's file, as its header says.
  let segmentBytes: Int
  /// What a writer is to tell first, in a new segment: what is before was salvaged.
  var salvage: JournaledSalvage?
}
