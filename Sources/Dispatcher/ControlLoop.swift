import CRingmaster
import EventRing
import Logging
import Platform
import ServiceManager
import Telemetry

/// The control thread: attaches and detaches peers, takes signals, talks to the service manager.
struct ControlLoop: ~Copyable {
  private let configuration: DispatcherConfiguration
  private let listener: ControlListener
  private let stopRequests: StopRequests
  private let noticeBell: Doorbell
  private let dispatchBell: Doorbell
  private let counters: CounterSet<ControlCounter>
  private let progress: CounterSet<DispatcherCounter>
  private let log: Logger
  private var commands: Mailbox<DispatchCommand>.Sender
  private var notices: Mailbox<ControlNotice>.Receiver
  private var connections: [Int32: PeerConnection] = [:]
  private let boardDescriptor: FileDescriptor
  private let barrier: ParkingBarrier
  /// Peers whose rings the dispatch thread still uses, and their lanes.
  private var peers: [UInt32: Int] = [:]
  private var freeLanes: [Int]
  private var nextPeer: UInt32 = 1
  private var watchdog = Watchdog()
  private var shutdownSent = false

  private static let greetingNs: UInt64 = 5_000_000_000
  private static let maximumGreeting = 64
  private static let tickMs: Int32 = 500

  init(
    configuration: DispatcherConfiguration, listener: consuming ControlListener, stopRequests: StopRequests,
    board: consuming FileDescriptor, barrier: ParkingBarrier, noticeBell: consuming Doorbell,
    dispatchBell: consuming Doorbell, counters: CounterSet<ControlCounter>,
    progress: CounterSet<DispatcherCounter>, log: Logger, commands: consuming Mailbox<DispatchCommand>.Sender,
    notices: consuming Mailbox<ControlNotice>.Receiver
  ) {
    self.configuration = configuration
    self.listener = listener
    self.stopRequests = stopRequests
    self.boardDescriptor = board
    self.barrier = barrier
    self.freeLanes = Array((0..<configuration.maximumPeers).reversed())
    self.noticeBell = noticeBell
    self.dispatchBell = dispatchBell
    self.counters = counters
    self.progress = progress
    self.log = log
    self.commands = commands
    self.notices = notices
  }

  /// Runs until the dispatch thread has drained and stopped.
  mutating func run() {
    listener.socket.setNonBlocking()
    _ = ServiceManager.ready(status: "Listening; no peers yet")
    while true {
      let sockets = Array(connections.keys)
      let descriptors = [listener.socket.descriptor.raw, stopRequests.descriptor, noticeBell.descriptor.raw] + sockets
      let readable = Poll.readable(descriptors, timeoutMs: min(Self.tickMs, watchdog.intervalMs ?? Self.tickMs))
      if readable[1], stopRequests.take() { requestShutdown() }
      if readable[2] { noticeBell.answer() }
      if takeNotices() { break }
      if readable[0], !shutdownSent { acceptAll() }
      for (index, socket) in sockets.enumerated() where readable[3 + index] { serve(socket) }
      closeSlowGreeters()
      let status = status
      watchdog.tick(turns: progress[.turns].value, status: status)
    }
    closeAll()
  }

  private var status: String {
    "\(peers.count) peers, \(progress[.heartbeatsApplied].value) heartbeats, "
      + "\(progress[.transactions].value) transactions"
  }

  private mutating func requestShutdown() {
    guard !shutdownSent else { return }
    shutdownSent = true
    _ = ServiceManager.stopping()
    log.info("stopping: draining the rings")
    post(.shutDown)
  }

  private mutating func post(_ command: DispatchCommand) {
    commands.post(command)
    dispatchBell.ring()
  }

  /// - Returns: whether the dispatch thread has stopped.
  private mutating func takeNotices() -> Bool {
    var stopped = false
    while let notice = notices.take() {
      switch notice {
      case .removed(let peer): forget(peer)
      case .quarantined(let peer, let reason):
        log.warning("peer put out", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
        dismiss(peer, code: RM_CLOSED_PROTOCOL, reason: reason)
        forget(peer)
      case .operatorActed(let peer, let action, let reason):
        log.notice("operator acted", metadata: ["peer": "\(peer)", "action": "\(action)", "reason": "\(reason)"])
      case .stopped: stopped = true
      }
    }
    return stopped
  }

  private mutating func acceptAll() {
    while true {
      do {
        guard let socket = try listener.socket.accept() else { return }
        let credentials = try socket.credentials()
        let connection = PeerConnection(
          socket: socket, credentials: credentials, deadlineNs: Clock.bootNs() + Self.greetingNs)
        if let reason = configuration.access.refusal(credentials) {
          refuse(
            connection, Handshake.Refusal(code: RM_REFUSED_FORBIDDEN, reason: reason, counter: .attachRefusedForbidden))
          continue
        }
        guard connections.values.count(where: { $0.peer == nil }) < Self.maximumGreeting else { continue }
        connections[connection.socket.descriptor.raw] = connection
      } catch {
        log.error("cannot accept: \(error)")
        return
      }
    }
  }

  private mutating func serve(_ descriptor: Int32) {
    guard let connection = connections[descriptor] else { return }
    var request = rm_attach_request()
    let received: Int
    do {
      guard let packet = try connection.socket.receive(into: &request, nonBlocking: true) else { return }
      received = packet.bytes
    } catch {
      received = -1
    }
    switch connection.stage {
    case .attached(let peer):
      connections[descriptor] = nil
      if received == 0 {
        log.info("peer left", metadata: ["peer": "\(peer)"])
      } else {
        let reason = "an attached peer has nothing more to say on the control socket"
        log.warning("peer put out", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
        close(connection, code: RM_CLOSED_PROTOCOL, reason: reason)
      }
      post(.detach(peer: peer))
    case .greeting:
      guard received != 0 else {
        connections[descriptor] = nil
        return
      }
      attach(connection, request, bytes: received)
    }
  }

  private mutating func attach(_ connection: PeerConnection, _ request: rm_attach_request, bytes: Int) {
    do throws(Handshake.Refusal) {
      let wanted = try Handshake.check(request, bytes: bytes)
      guard peers.count < configuration.maximumPeers else {
        throw Handshake.Refusal(
          code: RM_REFUSED_FULL, reason: "\(peers.count) peers are attached, which is the limit",
          counter: .attachRefusedFull)
      }
      let peer = try admit(wanted, connection)
      connection.stage = .attached(peer: peer)
      log.info(
        "peer attached",
        metadata: [
          "peer": "\(peer)", "name": "\(wanted.name)", "role": "\(wanted.role.name)",
          "pid": "\(connection.credentials.pid)", "uid": "\(connection.credentials.uid)",
        ])
    } catch {
      connections[connection.socket.descriptor.raw] = nil
      refuse(connection, error)
    }
  }

  /// Makes the rings, hands them to the client and then to the dispatch thread.
  private mutating func admit(
    _ wanted: Handshake.Request, _ connection: PeerConnection
  ) throws(Handshake.Refusal) -> UInt32 {
    guard let lane = freeLanes.popLast() else { preconditionFailure("there is a lane for each peer admitted") }
    let id = nextPeer
    nextPeer += 1
    do {
      var rings = try PeerRings.create(instance: configuration.instance, peer: id, wanted)
      var reply = Handshake.reply(RM_CONTROL_ATTACHED)
      reply.peer = id
      reply.submission_capacity = UInt32(wanted.submissionCapacity)
      reply.result_capacity = UInt32(wanted.resultCapacity)
      reply.lane = UInt32(lane)
      if case .fence = barrier { reply.flags = RM_ATTACH_MUST_FENCE }
      let descriptors = rings.descriptors(board: boardDescriptor.raw, dispatchBell: dispatchBell.descriptor.raw)
      try connection.socket.send(reply, descriptors: descriptors, nonBlocking: true)
      rings.closeDescriptors()
      peers[id] = lane
      post(.attach(rings.peer(id: id, lane: lane, wanted)))
      return id
    } catch {
      freeLanes.append(lane)
      PeerRings.unlink(instance: configuration.instance, peer: id)
      throw Handshake.Refusal(
        code: RM_REFUSED_RESOURCES, reason: "\(error)", counter: .attachRefusedResources)
    }
  }

  private func refuse(_ connection: PeerConnection, _ refusal: Handshake.Refusal) {
    counters[refusal.counter].increment()
    log.warning(
      "attach refused",
      metadata: [
        "reason": "\(refusal.reason)", "pid": "\(connection.credentials.pid)", "uid": "\(connection.credentials.uid)",
      ])
    let reply = Handshake.reply(RM_CONTROL_REFUSED, code: refusal.code, text: refusal.reason)
    try? connection.socket.send(reply, nonBlocking: true)
  }

  private func close(_ connection: PeerConnection, code: UInt32, reason: String) {
    try? connection.socket.send(Handshake.reply(RM_CONTROL_CLOSED, code: code, text: reason), nonBlocking: true)
  }

  private mutating func dismiss(_ peer: UInt32, code: UInt32, reason: String) {
    guard let entry = connections.first(where: { $0.value.peer == peer }) else { return }
    connections[entry.key] = nil
    close(entry.value, code: code, reason: reason)
  }

  private mutating func forget(_ peer: UInt32) {
    PeerRings.unlink(instance: configuration.instance, peer: peer)
    if let lane = peers.removeValue(forKey: peer) { freeLanes.append(lane) }
  }

  private mutating func closeSlowGreeters() {
    let nowNs = Clock.bootNs()
    for (descriptor, connection) in connections {
      guard case .greeting(let deadlineNs) = connection.stage, deadlineNs < nowNs else { continue }
      connections[descriptor] = nil
    }
  }

  private mutating func closeAll() {
    for connection in connections.values {
      close(connection, code: RM_CLOSED_SHUTDOWN, reason: "the dispatcher stops")
    }
    connections = [:]
    for peer in peers.keys { PeerRings.unlink(instance: configuration.instance, peer: peer) }
    log.info("stopped", metadata: ["peers": "\(peers.count)"])
  }
}
