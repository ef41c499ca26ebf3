import CRingmaster
import ControlPlane
import Controller
import DispatcherSettings
import EventModel
import EventRing
import Journal
import Logging
import Platform
import Telemetry

/// A dispatcher whose threads are steps that its owner takes, and whose peers come without a socket: for simulations. All
/// else is what `Dispatcher.run` puts together.
package final class SteppedDispatcher {
  /// What the dispatch thread told the control thread.
  package enum Notice {
    /// The peer can begin; results of later transactions come on its ring.
    case admitted(peer: UInt32, isRecoverable: Bool, lastTransaction: UInt64)
    case removed(peer: UInt32)
    case quarantined(peer: UInt32, reason: String)
    case journal(JournalStatus, SystemError?)
    /// A peer that is back has had results up to a transaction, and the journal has lost those behind another.
    case peerKnowsMore(peer: UInt32, transaction: UInt64, behind: UInt64)
  }

  /// Counters of all dispatchers that one simulation makes, one after the other.
  package final class Counters {
    fileprivate let page: CounterPage
    fileprivate let counters: CounterSet<DispatcherCounter>

    package init(instance: String) throws {
      page = try CounterPage.create(instance: instance, process: "simulation", labels: DispatcherCounter.self)
      counters = page.counters(DispatcherCounter.self)
    }

    package var overruns: UInt64 { counters[.resultOverruns].value }
    package var records: UInt64 { counters[.eventsReceived].value &+ counters[.requestsReceived].value }
    package var transactions: UInt64 { counters[.transactions].value }
  }

  package private(set) var configuration: DispatcherConfiguration
  package let recoveredTransaction: UInt64
  package let epoch: DispatcherEpoch
  private let mailboxes: (commands: Mailboxes<DispatchCommand>, notices: Mailboxes<ControlNotice>)
  private var loop: DispatchLoop
  private var committer: JournalCommitter?
  private var commands: Mailbox<DispatchCommand>.Sender
  private var notices: Mailbox<ControlNotice>.Receiver
  var registry: PeerRegistry
  let board: AttentionBoard.Descriptors
  let bells: DoorbellSet
  private(set) var isAsleep = false

  /// Keeps a mailbox alive behind a class's stored property.
  private final class Mailboxes<Message> {
    let box: Mailbox<Message>

    init(capacity: Int) throws {
      box = try Mailbox(capacity: capacity)
    }
  }

  /// Starts: recovers the journal and goes on with the rings of the dispatcher before.
  package init(
    _ configuration: DispatcherConfiguration, parts: DispatcherParts, counters: Counters, log: Logger
  ) throws {
    self.configuration = configuration
    var takeover = try Takeover(
      configuration, parts, names: PeerRings.list(instance: configuration.instance), log)
    recoveredTransaction = takeover.recovery.lastTransaction
    epoch = takeover.recovery.epoch
    let board = try AttentionBoard.create()
    self.board = try board.duplicateDescriptors()
    bells = try DoorbellSet()
    mailboxes = (try Mailboxes(capacity: 8192), try Mailboxes(capacity: 8192))
    commands = mailboxes.commands.box.sender()
    notices = mailboxes.notices.box.receiver()
    registry = takeover.registry
    let peers = takeover.peers
    committer = takeover.recovery.takeCommitter()
    loop = DispatchLoop(
      configuration: configuration, parts: parts, recovery: takeover.recovery, counters: counters.counters,
      board: board,
      barrier: .fence, commands: mailboxes.commands.box.receiver(), notices: mailboxes.notices.box.sender())
    loop.goOn(with: peers)
  }

  deinit {
    // What is under way between the threads goes with them.
    while loop.commands.take() != nil {}
    while notices.take() != nil {}
  }

  // MARK: The threads

  /// One turn of the dispatch thread.
  package func turn() -> Bool {
    if isAsleep {
      isAsleep = false
      loop.lanes.wakeUp()
      bells.answer()
    }
    return loop.turn(nowNs: Clock.bootNs())
  }

  /// The dispatch thread goes to sleep, unless something came meanwhile.
  package func sleep() {
    guard !isAsleep, loop.journal.blockedSinceNs == nil, loop.lanes.goToSleep() else { return }
    isAsleep = true
  }

  /// Would the dispatch thread go on sleeping?
  package var sleepsOn: Bool {
    isAsleep && !Poll.readable(bells.raw, timeoutUs: 0)
  }

  /// One turn of the journal thread.
  package func commit() -> JournalCommitter.Progress {
    committer?.turn() ?? .idle
  }

  /// What the control thread does now and then.
  package func tend() {
    for peer in registry.takeMissing(nowNs: Clock.bootNs()) { commands.post(.detach(peer: peer)) }
    if let id = registry.wantedReservation() { commands.post(.reserveIDs(upTo: id)) }
  }

  package func nextNotice() -> Notice? {
    while let notice = notices.take() {
      switch notice {
      case .admitted(let peer, let isRecoverable, let lastTransaction):
        return .admitted(peer: peer, isRecoverable: isRecoverable, lastTransaction: lastTransaction)
      case .removed(let peer):
        PeerRings.unlink(instance: configuration.instance, registry[peer])
        registry.remove(peer)
        return .removed(peer: peer)
      case .quarantined(let peer, let reason): return .quarantined(peer: peer, reason: reason)
      case .journal(let status, let failure): return .journal(status, failure)
      case .peerKnowsMore(let peer, let transaction, let behind):
        return .peerKnowsMore(peer: peer, transaction: transaction, behind: behind)
      case .reservedIDs(let id): registry.noteReservation(upTo: id)
      case .operatorActed, .ingest, .configured, .stopped: break
      }
    }
    return nil
  }

  func post(_ command: DispatchCommand) {
    commands.post(command)
    bells.ring()
  }

  package func knows(_ peer: UInt32) -> Bool {
    registry[peer] != nil
  }

  package func detach(_ peer: UInt32) {
    post(.detach(peer: peer))
  }

  package func configure(_ next: DispatcherConfiguration) {
    configuration = next
    post(.configure(next))
  }

  package func shutDown() {
    post(.shutDown)
  }

  /// Is all done that was published when it was told to shut down?
  package var hasDrained: Bool {
    loop.isShuttingDown && loop.lanes.isDrained && !loop.lanes.hasLeavingPeers
  }

  // MARK: What it knows

  /// A moment of CLOCK_BOOTTIME on the controller's clock.
  package func clockMs(bootNs: UInt64) -> Int64 { loop.clock.ms(bootNs: bootNs) }

  package var journalStatus: JournalStatus { loop.journal.status }
  package var isJournalBehind: Bool { loop.journal.isKept && loop.journal.durable < loop.journal.lastRecord }
  package var journalWaitMs: UInt64 { loop.counters[.journalWaitMs].value }
  package var promise: Promise { loop.journal.promise }
  package var deadLetters: [UInt64] {
    var numbers: [UInt64] = []
    var next = loop.letters.store.next(from: 0)
    while let letter = next {
      numbers.append(letter.number)
      next = loop.letters.store.next(from: letter.number + 1)
    }
    return numbers
  }

  /// Results that wait for their clients, of all of them.
  package var backlog: Int {
    var count = 0
    for lane in loop.lanes.occupied.members {
      count +=
        loop.lanes[lane].pointee.results.map { ($0.pointee.outbox.isEmpty ? 0 : 1) + $0.pointee.queries.count } ?? 0
    }
    return count
  }

  /// What is held of more than may be, if anything.
  package var exceededBound: ExceededBound? {
    loop.exceededBound()
      ?? (registry.count > AttentionBoard.lanes
        ? ExceededBound(name: "peers known", limit: AttentionBoard.lanes, value: registry.count) : nil)
  }

  package func read<Result>(_ body: (borrowing ControllerState) throws -> Result) rethrows -> Result {
    try body(loop.state)
  }
}
