import Controller
import EventBus
import EventModel
import Platform

/// A state machine that is led by a journal, and the dispatcher's memory beside it: what recovery, verification, time travel
/// and the archive have in common.
///
/// Every turn's state hash and transaction number must come out as recorded.
public struct JournalReplica: ~Copyable, Sendable {
  /// What a record did.
  public struct Step: Sendable {
    /// The record's number.
    public let number: UInt64
    public let record: JournalRecord
    /// Made by an event or a refusal; nil for other records.
    public let transaction: Transaction?
    /// The number of the newest one as of this record.
    public let lastTransaction: UInt64
    /// In which the record was written.
    public let epoch: UInt64
  }

  /// Where to stop.
  public enum Limit: Sendable, Hashable {
    /// After the transaction with this number.
    case transaction(UInt64)
    /// Before the first event of a later time, in milliseconds.
    case timeMs(Int64)
  }

  public private(set) var state: ControllerState
  public private(set) var ledger: PeerLedger
  /// The dead letters, within the usual limits: where the dispatcher keeps more, the newest come back.
  public private(set) var letters = DeadLetterStore()
  /// Behind the last commit applied.
  public private(set) var position: JournalPosition
  /// The limit was reached: the state is that of within a commit.
  public private(set) var isAtLimit = false
  /// The journal has told settings; until then they are those that the replica was given.
  public private(set) var isConfigured: Bool
  /// By which rules the events behind `position` were handled.
  public private(set) var machine: UInt32
  /// Divergences found since a salvage: the first, and how many.
  public private(set) var firstDivergence: JournalDivergence?
  public private(set) var divergences = 0
  private let limit: Limit?
  private let toleratesDivergence: Bool

  /// - Parameters:
  ///   - snapshot: where to begin; nil for an empty state at the beginning.
  ///   - configuration: until the journal says another. The sizes of the transaction log are taken from it throughout.
  ///   - toleratesDivergence: after a salvage, states differ for good: count that instead of throwing.
  /// - Throws: `JournalError.damaged` when the snapshot's state has not the hash recorded with it.
  public init(
    from snapshot: Snapshot?, configuration: ControllerConfiguration, limit: Limit? = nil,
    toleratesDivergence: Bool = false
  ) throws(JournalError) {
    if let snapshot {
      state = ControllerState(
        restoring: snapshot.state, configuration: snapshot.configuration.keepingLogSizes(of: configuration),
        atMs: snapshot.state.nowMs)
      ledger = snapshot.ledger
      letters = DeadLetterStore(snapshot.letters)
      position = snapshot.position
    } else {
      state = ControllerState(configuration: configuration)
      ledger = PeerLedger()
      position = .start
    }
    isConfigured = snapshot != nil
    machine = snapshot?.machine ?? ControllerState.machineVersion
    self.limit = limit
    self.toleratesDivergence = toleratesDivergence
    // What other rules hash is theirs to know; the snapshot's checksum vouches for it.
    guard let snapshot, machine == ControllerState.machineVersion, state.stateHash != snapshot.stateHash else { return }
    throw .damaged(
      JournalDamage(
        file: JournalNames.snapshot(commit: snapshot.position.commit), offset: 0,
        expected: "a state with hash \(String(snapshot.stateHash, radix: 16))",
        actual: "one with \(String(state.stateHash, radix: 16))"))
  }

  /// Applies a commit, the next one, unless the limit comes before its end.
  ///
  /// - Parameters:
  ///   - before: gets every record that is about to be applied, and the state as it is then.
  ///   - each: gets what every record did, in order.
  /// - Throws: `JournalError`, and what the closures throw.
  public mutating func apply(
    _ commit: JournalCommit, before: (JournalRecord, borrowing ControllerState) throws -> Void,
    _ each: (Step) throws -> Void
  ) throws {
    try apply(commit, isSalvaged: { _ in false }, before: before, each)
  }

  /// Applies a commit, as `apply(_:before:_:)` does.
  ///
  /// - Parameter isSalvaged: did a salvage go past all that is wrong up to a commit and a little behind it?
  mutating func apply(
    _ commit: JournalCommit, isSalvaged: (UInt64) throws -> Bool,
    before: (JournalRecord, borrowing ControllerState) throws -> Void = { _, _ in }, _ each: (Step) throws -> Void
  ) throws {
    guard !isAtLimit else { return }
    if commit.number != position.commit + 1 {
      let isExpected = try toleratesDivergence || isSalvaged(position.commit)
      guard isExpected else {
        throw JournalError.damaged(
          JournalDamage(
            file: commit.file, offset: commit.offset, expected: "commit \(position.commit + 1)",
            actual: "commit \(commit.number)"))
      }
      renumber(to: commit.firstTransaction &- 1)
    }
    var firstOfTurn = state.transactionLog.lastNumber + 1
    for (offset, record) in commit.records().enumerated() {
      if comesTooLate(record) {
        isAtLimit = true
        return
      }
      try checkRules(of: record, commit)
      try before(record, state)
      let transaction = apply(record)
      let lastTransaction = state.transactionLog.lastNumber
      ledger.apply(record, lastTransaction: lastTransaction, transaction)
      try each(
        Step(
          number: commit.firstRecord + UInt64(offset), record: record, transaction: transaction,
          lastTransaction: lastTransaction, epoch: ledger.epoch))
      if case .turn(let turn) = record {
        try check(turn, firstOfTurn: firstOfTurn, commit: commit.number, isSalvaged)
        firstOfTurn = state.transactionLog.lastNumber + 1
      }
    }
    position = commit.end
    if case .transaction(let number) = limit, state.transactionLog.lastNumber >= number { isAtLimit = true }
  }

  /// Applies a commit, as `apply(_:before:_:)` does.
  ///
  /// - Parameter each: gets what every record did, in order.
  public mutating func apply(_ commit: JournalCommit, _ each: (Step) throws -> Void = { _ in }) throws {
    try apply(commit, before: { _, _ in }, each)
  }

  /// Applies all that a reader has, up to the journal's end or the limit.
  public mutating func apply(
    _ reader: inout JournalReader, _ each: (Step) throws -> Void = { _ in }
  ) throws {
    while !isAtLimit, let commit = try reader.next() {
      try apply(commit, isSalvaged: { try reader.isSalvaged(behind: $0) }, each)
    }
  }

  /// Takes other settings from here on, as a record of them does.
  public mutating func configure(_ configuration: ControllerConfiguration) {
    state.configure(configuration)
  }

  /// Goes on behind what a salvage could not read.
  mutating func jump(to position: JournalPosition) {
    renumber(to: position.lastTransaction)
    self.position = position
  }

  /// What it has come to. At the end of a commit only.
  public func snapshot(journal: JournalID?, createdMs: Int64) -> Snapshot {
    precondition(!isAtLimit, "a snapshot is taken at the end of a commit")
    return Snapshot(
      journal: journal, position: position, stateHash: state.stateHash, createdMs: createdMs,
      machine: machine, configuration: state.configuration, ledger: ledger, letters: SavedDeadLetters(letters),
      state: state.save())
  }

  /// Gives the state away: to whoever goes on with it.
  public consuming func takeState() -> ControllerState {
    state
  }

  private func comesTooLate(_ record: JournalRecord) -> Bool {
    let event: Event
    switch record {
    case .event(let journaled): event = journaled.event
    default: return false
    }
    switch limit {
    case nil: return false
    case .transaction(let number): return state.transactionLog.lastNumber >= number
    case .timeMs(let timeMs): return (event.timestampMs ?? state.nowMs) > timeMs
    }
  }

  private mutating func apply(_ record: JournalRecord) -> Transaction? {
    switch record {
    case .event(let journaled): return state.handle(journaled.event)
    case .configured(let configuration):
      configure(configuration)
      isConfigured = true
      return nil
    case .salvaged(let salvage):
      renumber(to: salvage.lastTransaction)
      return nil
    case .letter(let change):
      letters.apply(change)
      return nil
    case .started(let start):
      machine = start.machine
      state.keepFormerTimeout()
      return nil
    case .turn(let turn):
      state.dateFormerTimeout(asOfMs: turn.timeMs)
      return nil
    case .unhandled, .skipped, .peerAttached, .peerRemoved, .peerNumbers:
      return nil
    }
  }

  /// Other rules come to another state, which would be no divergence.
  private func checkRules(of record: JournalRecord, _ commit: JournalCommit) throws(JournalError) {
    guard machine != ControllerState.machineVersion, record.makesTransaction else { return }
    throw .otherVersion(
      OtherVersion(
        "commit \(commit.number) in \(commit.file)", part: "rules", found: machine,
        supported: ControllerState.machineVersion...ControllerState.machineVersion,
        alternative:
          "start that one here and stop it cleanly, which leaves a snapshot to begin with, and let its archive "
          + "catch up"))
  }

  private mutating func check(
    _ turn: JournaledTurn, firstOfTurn: UInt64, commit: UInt64, _ isSalvaged: (UInt64) throws -> Bool
  ) throws {
    let lastNumber = state.transactionLog.lastNumber
    // Nothing was handled by other rules; what they hash is theirs to know.
    guard machine == ControllerState.machineVersion,
      turn.lastTransaction != lastNumber || turn.stateHash != state.stateHash
    else { return }
    if try isSalvaged(commit) { return }
    let divergence = JournalDivergence(
      commit: commit, transactions: firstOfTurn...max(firstOfTurn, lastNumber),
      expected: "state \(String(turn.stateHash, radix: 16)) after transaction \(turn.lastTransaction)",
      actual: "state \(String(state.stateHash, radix: 16)) after transaction \(lastNumber)")
    guard toleratesDivergence else { throw JournalError.diverged(divergence) }
    firstDivergence = firstDivergence ?? divergence
    divergences += 1
  }

  /// After lost commits: lets the transactions that follow have the numbers that clients were told.
  private mutating func renumber(to lastTransaction: UInt64) {
    guard lastTransaction > state.transactionLog.lastNumber else { return }
    var saved = state.save()
    saved.lastTransactionNumber = lastTransaction
    state = ControllerState(restoring: saved, configuration: state.configuration, atMs: saved.nowMs)
  }
}
