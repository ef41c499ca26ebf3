import CRingmaster
import EventRing
import Platform

/// A peer's connection to the dispatcher: silent while both live. Driven by the thread that reads the results.
@frozen
public struct ControlLink: ~Copyable, Sendable {
  /// What has become of it.
  public enum State: Equatable, Sendable {
    case attached
    /// Attached again; the descriptors of the link and of the results are new.
    case renewed
    /// The dispatcher ended; it is tried to attach again.
    case away
    /// It is over; everything in the result ring had been published before.
    case lost(reason: String)
  }

  @usableFromInline enum Phase: Sendable {
    case attached
    case away
    /// Has asked to be attached again and waits for the answer. One question alone: a dispatcher that comes to it late would
    /// take a connection given up for a peer that came back and left.
    case asking
    case lost
  }

  /// Between two tries to attach again.
  public static let retryMs: Int32 = 20

  @usableFromInline var phase = Phase.attached
  @usableFromInline var socket: PacketSocket?
  @usableFromInline let identity: PeerIdentity
  @usableFromInline var wiring: SubmissionWiring?
  @usableFromInline var reason = ""
  @usableFromInline var awayDeadlineNs: UInt64 = 0
  /// No dispatcher counted time when that was last looked at: the kernel had closed the connection, and nobody listened since,
  /// or one was starting.
  public private(set) var isDispatcherGone = false
  /// What the peer has subscribed to: in force again when it attaches again.
  public var subscription: Subscription = []

  init(socket: consuming PacketSocket, identity: PeerIdentity) {
    self.socket = .some(socket)
    self.identity = identity
  }

  /// Readable when `tend` has something to do; -1 while there is nothing to wait for but time.
  public var descriptor: Int32 {
    switch socket {
    case .some(let socket): socket.descriptor.raw
    case .none: -1
    }
  }

  /// `tend` is due although its descriptor is silent.
  public var isAway: Bool {
    switch phase {
    case .attached, .lost: false
    case .away, .asking: true
    }
  }

  /// How long to sleep at the most, given how long the caller would.
  public func napMs(_ limitMs: Int32) -> Int32 {
    guard isAway else { return limitMs }
    return limitMs < 0 ? Self.retryMs : min(limitMs, Self.retryMs)
  }

  mutating func takeWiring() -> SubmissionWiring? {
    wiring.take()
  }

  mutating func tend(_ results: inout ResultPort) -> State {
    let nowNs = Clock.monotonicNs()
    switch phase {
    case .attached: return look(nowNs: nowNs)
    case .away: return ask(results, nowNs: nowNs)
    case .asking: return takeAnswer(&results, nowNs: nowNs)
    case .lost: return .lost(reason: reason)
    }
  }

  private mutating func look(nowNs: UInt64) -> State {
    guard let socket = socket.take() else { preconditionFailure("an attached peer has a connection") }
    var reply = rm_attach_reply()
    do {
      guard let packet = try socket.receive(into: &reply, nonBlocking: true) else {
        self.socket = .some(socket)
        return .attached
      }
      let hasSpoken = packet.bytes == MemoryLayout<rm_attach_reply>.size && reply.type == RM_CONTROL_CLOSED
      reason = hasSpoken ? reply.reason : "it ended"
      if hasSpoken, reply.code == RM_CLOSED_PROTOCOL || reply.code == RM_CLOSED_FORBIDDEN { return lose(reason) }
    } catch {
      reason = "\(error)"
    }
    guard identity.isRecoverable, identity.options.reattachTimeoutMs > 0 else { return lose(reason) }
    // The connection may have ended long ago: whether somebody counts now, the first try to come back says.
    isDispatcherGone = false
    awayDeadlineNs = nowNs + UInt64(identity.options.reattachTimeoutMs) * 1_000_000
    phase = .away
    return .away
  }

  private mutating func ask(_ results: borrowing ResultPort, nowNs: UInt64) -> State {
    guard nowNs < awayDeadlineNs else { return lose(lateReason) }
    let socket: PacketSocket
    do {
      socket = try PacketSocket.connect(path: identity.path, timeoutMs: 1)
    } catch {
      isDispatcherGone = (error as? SystemError)?.meansNobodyThere ?? false
      return .away
    }
    isDispatcherGone = StartLock.isHeld(socketPath: identity.path)
    let request = AttachRequest.again(
      identity, subscription: subscription, lastTransaction: results.progress.lastTransaction, epoch: results.epoch)
    guard (try? socket.send(request, nonBlocking: true)) != nil else { return .away }
    self.socket = .some(socket)
    phase = .asking
    return .away
  }

  private mutating func takeAnswer(_ results: inout ResultPort, nowNs: UInt64) -> State {
    guard let socket = socket.take() else { preconditionFailure("a question is asked over a connection") }
    phase = .away
    do {
      guard var reply = try AttachReply.receive(socket, nonBlocking: true) else {
        guard nowNs < awayDeadlineNs else { return lose(lateReason) }
        isDispatcherGone = StartLock.isHeld(socketPath: identity.path)
        self.socket = .some(socket)
        phase = .asking
        return .away
      }
      // The ring that it stands for is mapped here already.
      _ = try reply.takeSubmissionRing()
      let message = reply.message
      let parts = try reply.parts()
      results.renew(
        ring: parts.results, bell: parts.bell, lastTransaction: message.last_transaction, epoch: message.epoch)
      wiring = .some(parts.wiring)
      self.socket = .some(socket)
      phase = .attached
      return .renewed
    } catch ClientError.refused(let code, let reason) where Self.isFinal(code) {
      return lose("\(self.reason); attaching again was refused: \(reason)")
    } catch ClientError.otherVersion(let other) {
      return lose("\(self.reason); \(other)")
    } catch {
      return .away
    }
  }

  private var lateReason: String {
    "\(reason); it did not come back within \(identity.options.reattachTimeoutMs) ms"
  }

  /// Closes the connection: the dispatcher takes it that the peer has left.
  mutating func end() {
    socket = nil
    phase = .lost
  }

  private mutating func lose(_ reason: String) -> State {
    phase = .lost
    self.reason = reason
    return .lost(reason: reason)
  }

  private static func isFinal(_ code: UInt32) -> Bool {
    code != RM_REFUSED_FULL && code != RM_REFUSED_RESOURCES && code != RM_REFUSED_SILENT
  }
}
