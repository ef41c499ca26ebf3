import Controller
import EventBus
import EventRing

/// Everything a dispatcher can be told.
public struct DispatcherConfiguration: Sendable, Hashable {
  /// Where to listen when the service manager passes no socket.
  public var socketPath = "/run/ringmaster/control.sock"
  /// Sets this dispatcher's shared-memory objects apart from others': letters, digits, '-', '_' and '@'.
  public var instance = "default"
  public var controller = ControllerConfiguration()
  /// Peers attached at the same time; one place in 32 is kept for root and the dispatcher's own user.
  public var maximumPeers = 1024
  public var userLimits = UserLimits()
  /// Records taken from one ring before the next has its turn.
  public var recordsPerPeerPerTurn = 256
  /// Slots of records that are no plain heartbeats, handled in one turn, of all rings together: milliseconds of work.
  package var slotsPerTurn = 2048
  /// Records of results that waited, written in one turn to all rings together.
  package var resultRecordsPerTurn = 16_384
  /// Placements committed in one turn.
  public var placementsPerTurn = 256
  /// Between two looks at the workers' deadlines; also the longest nap of the dispatch thread.
  public var sweepIntervalMs: Int64 = 50
  /// How much of a worker's silence is not held against it while the ingest that it was last heard of through is silent or
  /// gone itself; 0 for nothing.
  public var ingestGraceMs: Int64 = 30_000
  /// Results kept for clients that come back after a restart: how far back they may go.
  public var resultLogCapacity = 4096
  /// Bytes of answers that may wait for one client that does not read them, before its events wait too; the same of
  /// results that it subscribed to, before it loses the oldest.
  public var resultBacklogBytes = 16 << 20
  /// What the dispatch thread does while there is no work. Only `park` ever lets it sleep.
  public var waiting = WaitingStrategy.park
  /// With `park`: turns without work before it sleeps; each of the first ends in a `pause`, of the second in a yield.
  public var idleSpins = 200
  public var idleYields = 10
  public var access = AccessPolicy()
  /// Files that this process may have open; nil for what the kernel says.
  package var openFiles: Int?
  /// nil keeps no journal: all state ends with the process.
  public var journal: JournalSettings?
  /// How much is kept of what nobody could handle.
  public var deadLetters = DeadLetterLimits()

  public init() {}
}
