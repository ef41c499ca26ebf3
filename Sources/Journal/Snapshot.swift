import Controller

/// All that is needed to go on from one commit: the state machine's state and the dispatcher's.
public struct Snapshot: Hashable, Sendable {
  /// Nil in a snapshot of a state that no journal led to.
  public var journal: JournalID?
  /// Behind the commit that it is the state after.
  public var position: JournalPosition
  /// Of `state`.
  public var stateHash: UInt64
  /// Milliseconds since 1970.
  public var createdMs: Int64
  /// By whose rules the events behind it are handled, unless another start follows.
  public var machine: UInt32
  public var configuration: ControllerConfiguration
  public var ledger: PeerLedger
  public var letters: SavedDeadLetters
  public var state: SavedState

  public init(
    journal: JournalID?, position: JournalPosition, stateHash: UInt64, createdMs: Int64,
    machine: UInt32 = ControllerState.machineVersion, configuration: ControllerConfiguration, ledger: PeerLedger,
    letters: SavedDeadLetters = SavedDeadLetters(), state: SavedState
  ) {
    self.journal = journal
    self.position = position
    self.stateHash = stateHash
    self.createdMs = createdMs
    self.machine = machine
    self.configuration = configuration
    self.ledger = ledger
    self.letters = letters
    self.state = state
  }

  func precedes(_ limit: JournalReplica.Limit?) -> Bool {
    switch limit {
    case nil: true
    case .transaction(let number): position.lastTransaction <= number
    // The logical clock is the latest time of all events before.
    case .timeMs(let timeMs): state.nowMs <= timeMs
    }
  }
}
