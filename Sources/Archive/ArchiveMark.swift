import Journal

/// How far an archive has taken a journal over.
public struct ArchiveMark: Hashable, Sendable {
  /// The journal's id.
  public var journal: String
  /// Behind the last commit that was taken over.
  public var position: JournalPosition
  /// Of the state machine there.
  public var stateHash: UInt64

  public init(journal: String, position: JournalPosition, stateHash: UInt64) {
    self.journal = journal
    self.position = position
    self.stateHash = stateHash
  }
}

/// A part of the journal that an archive went past. Nothing of a kind is missing where the first is greater than the last.
public struct ArchiveLoss: Hashable, Sendable {
  public var damage: JournalDamage
  public var firstCommit: UInt64
  public var lastCommit: UInt64
  public var firstRecord: UInt64
  public var lastRecord: UInt64
  public var firstTransaction: UInt64
  public var lastTransaction: UInt64
}
