import CRingmaster
import DispatcherSettings
import EventRing
import Journal
import LogMessages
import Logging
import Platform
import ServiceManager
import Telemetry

/// The control thread: attaches and detaches peers, takes signals, talks to the service manager.
package struct ControlLoop: ~Copyable {
  var configuration: DispatcherConfiguration
  let listener: ControlListener
  private let requests: ControlRequests
  let noticeBell: Doorbell
  let dispatchBells: DoorbellSet
  let counters: CounterSet<ControlCounter>
  private let progress: DispatchProgress
  let log: Logger
  private var commands: Mailbox<DispatchCommand>.Sender
  private var notices: Mailbox<ControlNotice>.Receiver
  var connections: [Int32: PeerConnection] = [:]
  let board: AttentionBoard.Descriptors
  let barrier: ParkingBarrier
  let epoch: DispatcherEpoch
  var peers: PeerRegistry
  var greeters = Greeters()
  var refusals = RefusalLog()
  var attachRate = MinuteRates()
  private var watchdog = Watchdog()
  private(set) var isStopping = false
  /// Reads the configuration anew; nil when there is nothing to read.
  let reread: (() throws -> DispatcherConfiguration)?
  /// Why the configuration could not be taken over when it was last asked for.
  var configurationFault: String?
  private var journalStatus = JournalStatus.running
  /// Why the dispatch thread ended without being asked to.
  package private(set) var journalFailure: JournalFailure?
  /// Another dispatcher can go on with the peers when this one ends.
  let keepsPeers: Bool

  /// The rest waits: somebody who connects all the time must not keep this thread from everything else.
  private static let connectionsPerTurn = 64
  /// After a connection could not be accepted, for want of descriptors: the next could not be either.
  private static let acceptPauseNs: UInt64 = 1_000_000_000
  private var acceptsFromNs: UInt64 = 0
  private static let tickMs: Int32 = 500
  /// Longer than any sync of a disk that is merely slow.
  private static let hungJournalMs: UInt64 = 60_000

  package init(
    configuration: DispatcherConfiguration, listener: consuming ControlListener, requests: ControlRequests,
    reread: (() throws -> DispatcherConfiguration)?, peers: PeerRegistry, epoch: DispatcherEpoch,
    board: consuming AttentionBoard.Descriptors,
    barrier: ParkingBarrier, noticeBell: consuming Doorbell,
    dispatchBells: consuming DoorbellSet, counters: CounterSet<ControlCounter>,
    progress: DispatchProgress, log: Logger, commands: consuming Mailbox<DispatchCommand>.Sender,
    notices: consuming Mailbox<ControlNotice>.Receiver
  ) {
    self.configuration = configuration
    self.listener = listener
    self.requests = requests
    self.reread = reread
    self.board = board
    self.barrier = barrier
    self.epoch = epoch
    self.peers = peers
    self.noticeBell = noticeBell
    self.dispatchBells = dispatchBells
    self.counters = counters
    self.progress = progress
    self.log = log
    self.commands = commands
    self.notices = notices
    self.keepsPeers = configuration.journal != nil
  }

  /// Runs until the dispatch thread has drained and stopped.
  package mutating func run() {
    listener.socket.setNonBlocking()
    _ = ServiceManager.ready(status: "Listening; no peers yet")
    while true {
      let sockets = Array(connections.keys)
      // A descriptor below 0 is passed over.
      let listening = Clock.bootNs() < acceptsFromNs ? -1 : listener.socket.descriptor.raw
      let descriptors = [listening, requests.descriptor, noticeBell.descriptor.raw] + sockets
      let readable = Poll.readable(descriptors, timeoutMs: min(Self.tickMs, watchdog.intervalMs ?? Self.tickMs))
      if readable[2] { noticeBell.answer() }
      if takeNotices() { break }
      if readable[0], !isStopping { acceptAll() }
      for (index, socket) in sockets.enumerated() where readable[3 + index] { serve(socket) }
      // Behind the peers that left before it was asked for: their rings go with them.
      if readable[1] { takeRequests() }
      closeSilentGreeters()
      tellOfRefusals(nowNs: Clock.bootNs())
      giveUpMissingPeers()
      if let id = peers.wantedReservation() { post(.reserveIDs(upTo: id)) }
      tellServiceManager()
    }
    closeAll()
  }

  private mutating func tellServiceManager() {
    let status = status
    // No sign of life while the journal's thread hangs: what is handled then never becomes durable.
    guard progress.journalWaitMs.value < Self.hungJournalMs else { return }
    // However long the dispatch thread sleeps when there is nothing to do, it shows that it can be woken.
    if !watchdog.tick(turns: progress.turns.value, status: status) { dispatchBells.ring() }
  }

  var status: String {
    var parts = [
      "\(peers.count) peers, \(progress.heartbeats.value) heartbeats, "
        + "\(progress.transactions.value) transactions"
    ]
    if journalStatus == .outOfSpace { parts.insert("No space for the journal: results wait", at: 0) }
    if let configurationFault { parts.append("configuration refused: \(configurationFault)") }
    return parts.joined(separator: "; ")
  }

  private mutating func takeRequests() {
    while let request = requests.take() {
      switch request {
      case .stop: requestShutdown()
      case .reload: reload()
      }
    }
  }

  private mutating func note(_ status: JournalStatus, _ failure: SystemError?) {
    journalStatus = status
    let folder = configuration.journal?.folder ?? ""
    switch status {
    case .running: log.tell(.journalHasSpace, [.folder: "\(folder)"])
    case .outOfSpace: log.tell(.journalOutOfSpace, [.folder: "\(folder)"])
    case .failed: journalFailure = JournalFailure(folder: folder, error: failure)
    }
  }

  mutating func requestShutdown() {
    guard !isStopping else { return }
    isStopping = true
    _ = ServiceManager.stopping()
    log.info("stopping: draining the rings")
    post(.shutDown)
  }

  mutating func post(_ command: DispatchCommand) {
    commands.post(command)
    dispatchBells.ring()
  }

  /// - Returns: whether the dispatch thread has stopped.
  private mutating func takeNotices() -> Bool {
    var stopped = false
    while let notice = notices.take() {
      switch notice {
      case .admitted(let peer, let isRecoverable, let lastTransaction):
        welcome(peer, isRecoverable: isRecoverable, lastTransaction: lastTransaction)
      case .removed(let peer): forget(peer)
      case .quarantined(let peer, let reason):
        dismiss(peer, code: RM_CLOSED_PROTOCOL, reason: reason)
      case .operatorActed(let peer, let action, let reason):
        log.tell(.operatorActed, [.peer: "\(peer)", .action: "\(action)", .cause: "\(reason)"])
      case .ingest(let peer, let isSilent, let cause):
        log.tell(isSilent ? .ingestSilent : .ingestHeard, [.peer: "\(peer)", .cause: "\(cause)"])
      case .peerKnowsMore(let peer, let transaction, let behind):
        guard let facts = peers[peer]?.peer else { break }
        log.tellOfClaim(
          "it has had results up to transaction \(transaction), the journal knows of \(behind)",
          isWithinReason: DispatcherEpoch.isWithinReason(transaction, behind: behind), of: facts, configuration)
      case .journal(let status, let failure): note(status, failure)
      case .reservedIDs(let id): peers.noteReservation(upTo: id)
      case .configured: noteReloaded()
      case .stopped: stopped = true
      }
    }
    return stopped
  }

  private mutating func acceptAll() {
    do {
      for _ in 0..<Self.connectionsPerTurn {
        guard let socket = try listener.socket.accept() else { return }
        let credentials = try socket.credentials()
        let connection = PeerConnection(socket: socket, credentials: credentials)
        if let reason = configuration.access.refusal(credentials, as: nil) {
          refuse(
            connection, Handshake.Refusal(code: RM_REFUSED_FORBIDDEN, reason: reason, counter: .attachRefusedForbidden))
          continue
        }
        greet(connection)
      }
    } catch {
      log.error("cannot accept connections: trying again in a second", metadata: ["cause": "\(error)"])
      acceptsFromNs = Clock.bootNs() + Self.acceptPauseNs
    }
  }

  mutating func serve(_ descriptor: Int32) {
    guard let connection = connections[descriptor] else { return }
    var request = rm_attach_request()
    let received: Int
    do {
      guard let packet = try connection.socket.receive(into: &request, nonBlocking: true, takesDescriptors: false)
      else { return }
      received = packet.bytes
    } catch {
      // Too long, or with descriptors: no request is like that.
      received = -1
    }
    switch connection.stage {
    case .attached(let peer), .admitting(let peer, reply: _, descriptors: _):
      connections[descriptor] = nil
      if received == 0 {
        log.info("peer left", metadata: ["peer": "\(peer)"])
      } else {
        let reason = "an attached peer has nothing more to say on the control socket"
        putOut(connection, peer, code: RM_CLOSED_PROTOCOL, reason: reason)
      }
      post(.detach(peer: peer))
    case .greeting:
      greeters.remove(descriptor)
      guard received != 0 else {
        connections[descriptor] = nil
        return
      }
      attach(connection, request, bytes: received)
    }
  }

  mutating func refuse(_ connection: PeerConnection, _ refusal: Handshake.Refusal) {
    counters[refusal.counter].increment()
    tell(.attachRefused, of: connection, cause: refusal.reason)
    let reply = Handshake.reply(RM_CONTROL_REFUSED, code: refusal.code, text: refusal.reason)
    try? connection.socket.send(reply, nonBlocking: true)
  }

  func close(_ connection: PeerConnection, code: UInt32, reason: String) {
    try? connection.socket.send(Handshake.reply(RM_CONTROL_CLOSED, code: code, text: reason), nonBlocking: true)
  }

  private mutating func dismiss(_ peer: UInt32, code: UInt32, reason: String) {
    guard let entry = connections.first(where: { $0.value.peer == peer }) else {
      guard let facts = peers[peer]?.peer else { return }
      log.tell(
        .peerDisconnected,
        [.peer: "\(peer)", .cause: "\(reason)", .pid: "\(facts.pid)", .uid: "\(facts.uid)"],
        metadata: ["name": "\(facts.name)"])
      return
    }
    connections[entry.key] = nil
    putOut(entry.value, peer, code: code, reason: reason)
  }

  mutating func forget(_ peer: UInt32) {
    PeerRings.unlink(instance: configuration.instance, peers[peer])
    peers.remove(peer)
  }

  private mutating func giveUpMissingPeers() {
    for peer in peers.takeMissing(nowNs: Clock.bootNs()) {
      log.tell(.peerMissing, [.peer: "\(peer)"])
      post(.detach(peer: peer))
    }
  }

  private mutating func closeAll() {
    tellOfRefusals(nowNs: .max)
    for connection in connections.values {
      let reason = journalFailure == nil ? "the dispatcher stops" : "the dispatcher's journal failed"
      close(connection, code: RM_CLOSED_SHUTDOWN, reason: reason)
    }
    connections = [:]
    if !keepsPeers {
      for peer in peers.ids { PeerRings.unlink(instance: configuration.instance, peers[peer]) }
    }
    log.info("stopped", metadata: ["peers": "\(peers.count)"])
  }
}

/// How far the dispatch thread is, as its counters say.
package struct DispatchProgress {
  let turns: Counter
  let heartbeats: Counter
  let transactions: Counter
  let journalWaitMs: Counter

  package init(turns: Counter, heartbeats: Counter, transactions: Counter, journalWaitMs: Counter) {
    self.turns = turns
    self.heartbeats = heartbeats
    self.transactions = transactions
    self.journalWaitMs = journalWaitMs
  }
}
