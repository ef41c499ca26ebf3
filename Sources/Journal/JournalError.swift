import Platform

/// Why a journal cannot be read or written.
public enum JournalError: Error, Sendable, CustomStringConvertible {
  /// What had been durable is not there as it was written.
  case damaged(JournalDamage)
  /// A file of a newer or older version of this software. No salvage touches it.
  case otherVersion(OtherVersion)
  /// Another process writes this journal; `holder` is its id, as far as can be told.
  case locked(folder: String, holder: Int32?)
  /// Replay does not come to what was recorded.
  case diverged(JournalDivergence)
  /// There is no segment in the folder.
  case noJournal(folder: String)
  /// Old segments were let go, and no snapshot tells the state that is asked for or one before it.
  case noBeginning(folder: String, firstCommit: UInt64)
  /// A follower has read what the journal does not have: it lost its tail, or is another's history.
  case behind(JournalBehind)
  /// The journal was being put back from a backup, and not all of it is there.
  case halfRestored(folder: String)
  case system(SystemError)

  /// It is there again at the next start.
  public var needsAnOperator: Bool {
    switch self {
    case .damaged, .otherVersion, .diverged, .behind, .halfRestored: true
    case .locked, .noJournal, .noBeginning, .system: false
    }
  }

  public var description: String {
    switch self {
    case .damaged(let damage): "\(damage)"
    case .otherVersion(let other): "\(other)"
    case .locked(let folder, let holder):
      "the journal \(folder) has a writer already, process \(holder.map(String.init) ?? "unknown"); "
        + "stop that one or use another folder"
    case .diverged(let divergence): "\(divergence)"
    case .noJournal(let folder): "there is no journal in \(folder): no segment file is there; name another folder"
    case .noBeginning(let folder, let firstCommit):
      "the journal in \(folder) begins with commit \(firstCommit), and no whole snapshot there tells a state early "
        + "enough: what came before was let go"
    case .behind(let behind): "\(behind)"
    case .halfRestored(let folder):
      "the journal in \(folder) is not complete: \"ringctl journal restore\" was interrupted there; repeat it"
    case .system(let error): "\(error)"
    }
  }
}

extension JournalError {
  static func otherVersion(_ file: String, found: UInt32, supported: ClosedRange<UInt32>) -> JournalError {
    .otherVersion(
      OtherVersion(
        file, found: found, supported: supported,
        alternative: "start afresh with another journal folder and keep this one as it is"))
  }
}

/// How far a journal is behind what is known of it.
public struct JournalBehind: Hashable, Sendable, CustomStringConvertible {
  /// What the follower has read.
  public let known: JournalPosition
  /// The journal's end; nil when nothing there can be read.
  public let found: JournalPosition?
  /// Where they part.
  public let damage: JournalDamage

  public var description: String {
    let end = found.map { "commit \($0.commit) with transaction \($0.lastTransaction)" } ?? "nothing that can be read"
    return "commit \(known.commit) with transaction \(known.lastTransaction) was read of this journal, which ends with "
      + "\(end): its end was lost, or it is another history (\(damage.file) at byte \(damage.offset): expected "
      + "\(damage.expected), found \(damage.actual))"
  }
}

/// Where a journal is damaged and how.
public struct JournalDamage: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path of the file.
  public internal(set) var file: String
  /// In bytes from its beginning.
  public let offset: UInt64
  public let expected: String
  public let actual: String

  public init(file: String, offset: UInt64, expected: String, actual: String) {
    self.file = file
    self.offset = offset
    self.expected = expected
    self.actual = actual
  }

  public var description: String {
    "\(file) is damaged at byte \(offset): expected \(expected), found \(actual); "
      + "restore it from a copy, or go past the damage with --salvage, which loses what is there"
  }
}

/// The first turn whose replay comes to another state than the one recorded.
public struct JournalDivergence: Error, Hashable, Sendable, CustomStringConvertible {
  public let commit: UInt64
  /// The transactions of the turn: all before them came out as recorded.
  public let transactions: ClosedRange<UInt64>
  public let expected: String
  public let actual: String

  public var description: String {
    let which =
      transactions.count == 1
      ? "transaction \(transactions.lowerBound) is the first that differs"
      : "the first transaction that differs is one of \(transactions.lowerBound) to \(transactions.upperBound)"
    return "the replay differs from the journal in commit \(commit): \(which); expected \(expected), got \(actual)"
  }
}
