import CRingmaster
import Controller
import EventBus
import EventModel

/// One record of the journal. The raw layout is in `ringmaster_journal.h`.
public enum JournalRecord: Hashable, Sendable {
  /// Entered the state machine, after all middleware; made exactly one transaction.
  case event(JournaledEvent)
  /// Never entered the state machine, and made no transaction.
  case unhandled(JournaledEvent, UnhandledReason)
  /// A place in a ring that held no event.
  case skipped(SkippedRecord)
  case peerAttached(JournaledPeer)
  case peerRemoved(peer: UInt32)
  /// The settings of the state machine from here on. A journal's first start tells them, and every start with others than
  /// before.
  case configured(ControllerConfiguration)
  /// A dispatcher began here: the first record that it writes.
  case started(JournaledStart)
  /// Numbers of peers up to this one may be given from here on.
  case peerNumbers(upTo: UInt32)
  /// A salvage ended here: the first record of the segment that it began.
  case salvaged(JournaledSalvage)
  /// What became of a dead letter.
  case letter(DeadLetterChange)
  /// Ends what was handled in one go.
  case turn(JournaledTurn)

  /// It has one transaction.
  public var makesTransaction: Bool {
    if case .event = self { true } else { false }
  }
}

/// The beginning of a dispatcher's life.
public struct JournaledStart: Hashable, Sendable {
  /// Above those of all lives before. With it, a transaction's number is given once.
  public var epoch: UInt64
  /// Numbers of peers up to it may be given in this life, and none of them in a later one.
  public var peerNumbersUpTo: UInt32
  /// By which rules events are handled from here on: `ControllerState.machineVersion` of the program.
  public var machine: UInt32

  public init(epoch: UInt64, peerNumbersUpTo: UInt32, machine: UInt32 = ControllerState.machineVersion) {
    self.epoch = epoch
    self.peerNumbersUpTo = peerNumbersUpTo
    self.machine = machine
  }

  /// How many numbers of peers a start sets aside.
  public static let usualPeerNumbers: UInt32 = 1024
  private static let randomEpochBits: UInt64 = 12

  /// The start that follows all that a ledger tells of.
  ///
  /// - Parameters:
  ///   - wallMs: milliseconds since 1970, so that epochs rise over a tail that was lost too.
  ///   - random: sets the epochs of two copies of a journal apart, whatever their clocks say.
  ///   - peerNumbers: how many are set aside.
  public init(
    after ledger: PeerLedger, wallMs: Int64, random: UInt64, peerNumbers: UInt32 = JournaledStart.usualPeerNumbers
  ) {
    let free = UInt32.max - ledger.lastPeerID
    let bits = Self.randomEpochBits
    let start = max((ledger.epoch >> bits) &+ 1, UInt64(max(wallMs, 0)))
    self.init(
      epoch: start << bits | random & (1 << bits - 1),
      peerNumbersUpTo: ledger.lastPeerID + min(free, peerNumbers))
  }
}

/// The end of a salvage.
public struct JournaledSalvage: Hashable, Sendable {
  /// The last commit before it that could be read; 0 for none.
  public var lastCommit: UInt64
  /// Numbers of transactions up to it may have been given.
  public var lastTransaction: UInt64

  public init(lastCommit: UInt64, lastTransaction: UInt64) {
    self.lastCommit = lastCommit
    self.lastTransaction = lastTransaction
  }
}

/// An event and its place in its peer's ring.
public struct JournaledEvent: Hashable, Sendable {
  public var event: Event
  /// Slots of the submission ring that it took; 0 for the dispatcher's own.
  public var slots: UInt32
  /// The peer asked for the result.
  public var wantsResult: Bool

  public init(_ event: Event, slots: UInt32, wantsResult: Bool) {
    self.event = event
    self.slots = slots
    self.wantsResult = wantsResult
  }
}

/// Why an event never entered the state machine. Its text is cut to `JournalFormat.skipTextBytes`.
public enum UnhandledReason: Hashable, Sendable {
  /// The middleware of this name returned no event.
  case dropped(by: String)
  case deadLettered(DeadLetterReason, detail: String)
}

/// A place in a ring whose record was no event, so that it is neither lost nor repeated.
public struct SkippedRecord: Hashable, Sendable {
  public var id: EventID
  public var slots: UInt32
  public var wantsResult: Bool
  /// Why it was not to be read as one. Cut to `JournalFormat.skipTextBytes`.
  public var fault: String

  public init(id: EventID, slots: UInt32, wantsResult: Bool, fault: String) {
    self.id = id
    self.slots = slots
    self.wantsResult = wantsResult
    self.fault = fault
  }
}

/// Where the state machine stood at the end of a turn.
public struct JournaledTurn: Hashable, Sendable {
  /// Its own number.
  public var record: UInt64
  public var stateHash: UInt64
  public var lastTransaction: UInt64
  /// The controller's clock.
  public var timeMs: Int64

  public init(record: UInt64, stateHash: UInt64, lastTransaction: UInt64, timeMs: Int64) {
    self.record = record
    self.stateHash = stateHash
    self.lastTransaction = lastTransaction
    self.timeMs = timeMs
  }
}

/// An attached peer: what it takes to open its rings again and to know it when it comes back.
public struct JournaledPeer: Hashable, Sendable {
  public var id: UInt32
  /// In which it attached.
  public var epoch: UInt64
  /// Its byte on the attention board.
  public var lane: UInt32
  public var name: String
  /// RM_ROLE_*.
  public var role: UInt32
  public var uid: UInt32
  public var pid: Int32
  /// In slots.
  public var submissionCapacity: UInt32
  /// In slots; 0 when it wants no results.
  public var resultCapacity: UInt32
  /// SHA-256 of its secret token.
  public var tokenHash: ChainHash

  public init(
    id: UInt32, epoch: UInt64, lane: UInt32, name: String, role: UInt32, uid: UInt32, pid: Int32,
    submissionCapacity: UInt32,
    resultCapacity: UInt32, tokenHash: ChainHash
  ) {
    self.id = id
    self.epoch = epoch
    self.lane = lane
    self.name = name
    self.role = role
    self.uid = uid
    self.pid = pid
    self.submissionCapacity = submissionCapacity
    self.resultCapacity = resultCapacity
    self.tokenHash = tokenHash
  }
}

extension JournaledPeer {
  /// The role as people write it.
  public var roleName: String {
    Role(rawValue: role)?.name ?? "\(role)"
  }
}
