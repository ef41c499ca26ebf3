import CRingmaster
import EventCodec
import EventModel
import LogMessages
import Logging
import Platform
import RingmasterClient
import ServiceManager
import Telemetry

/// Turns the datagrams of workers into events: heartbeats and registrations in, answers to registrations and to lost
/// workers out.
///
/// One thread runs it, all of it. It sleeps on the socket, its result ring, the control connection and the signals to
/// stop; while datagrams come, a heartbeat costs it no allocation.
public struct UDPIngest: ~Copyable {
  /// Why `run` came to its end.
  public enum End: Hashable, Sendable {
    /// SIGTERM or SIGINT came; what was in the socket has been published.
    case stopped
    /// The dispatcher put this peer out or ended.
    case dispatcherGone(reason: String)
  }

  /// What it listens on, with the port that the kernel chose.
  public let listenAddress: SocketAddress

  let socket: DatagramSocket
  var attachment: Attachment
  let counters: CounterSet<UDPIngestCounter>
  var answers: AnswerSender
  var pendingAnswers = PendingAnswers(capacity: UDPIngestLimits.pendingAnswers)
  var workerAddresses: WorkerAddressTable
  var registrationLimit = RegistrationLimit()
  private let counterPage: CounterPage
  private let signals: SignalDescriptor
  private let logger: Logger
  private var batch = DatagramBatch()
  private var kernelDropped: UInt32 = 0
  private var heard: HeardMark
  private var heardNs: UInt64 = 0
  private var watchdog = Watchdog()
  private var turns: UInt64 = 0

  /// Listens and attaches. From here on SIGTERM and SIGINT end `run` and nothing else, so call it before any thread is
  /// started.
  ///
  /// - Throws: `SystemError` when the address cannot be bound or nobody listens at the control socket,
  ///   `ClientError.refused`, `CounterPageError`.
  public init(_ options: UDPIngestOptions, logger: Logger) throws {
    let signals = try SignalDescriptor.ofStopSignals()
    let socket = try Self.openSocket(options)
    if socket.receiveBufferBytes < options.receiveBufferBytes {
      logger.warning(
        "the kernel granted a smaller receive buffer; raise net.core.rmem_max or allow CAP_NET_ADMIN",
        metadata: [
          "wanted_bytes": "\(options.receiveBufferBytes)", "granted_bytes": "\(socket.receiveBufferBytes)",
        ])
    }
    let attachOptions = AttachOptions(
      role: .ingest, name: options.name, submissionCapacity: options.ringCapacity,
      resultCapacity: UDPIngestOptions.resultCapacity)
    let attachment = try Attachment.attach(path: options.socketPath, options: attachOptions)
    let counterPage = try CounterPage.create(
      instance: options.instance, process: options.name, labels: UDPIngestCounter.self)
    if !options.counterReaders.isEmpty {
      do {
        try counterPage.letRead(options.counterReaders)
      } catch {
        logger.warning("only this user can read the counters", metadata: ["cause": "\(error)"])
      }
    }
    let workerAddresses = try WorkerAddressTable()
    counters = counterPage.counters(UDPIngestCounter.self)
    answers = AnswerSender(unsent: counters[.answersUnsent])
    listenAddress = socket.localAddress
    self.attachment = attachment
    self.counterPage = counterPage
    self.workerAddresses = workerAddresses
    self.logger = logger
    self.signals = signals
    heard = HeardMark(bufferBytes: socket.receiveBufferBytes)
    self.socket = socket
    if !listenAddress.isLoopback {
      logger.tell(
        .ingestOpen, [.cause: "it listens on \(listenAddress), and nothing proves who sent a datagram"])
    }
  }

  /// The service manager's, or one of its own.
  private static func openSocket(_ options: UDPIngestOptions) throws -> DatagramSocket {
    if let passed = try ServiceManager.datagramSocket() { return DatagramSocket(adopting: passed) }
    return try DatagramSocket.bound(to: options.listenAddress, receiveBufferBytes: options.receiveBufferBytes)
  }

  /// Takes datagrams in until it is to stop or the dispatcher is gone.
  public mutating func run() throws -> End {
    ServiceManager.ready(status: "Listening on \(listenAddress)")
    var polls = pollSet()
    var checkedNs = Clock.bootNs()
    while true {
      let nowNs = Clock.bootNs()
      let received = try receive(atNs: nowNs)
      noteHeard(received, atNs: nowNs)
      let isBusy = try readResults() || received == DatagramBatch.capacity
      if !isBusy {
        guard attachment.results.park() else { continue }
        polls.wait(timeoutMs: attachment.link.napMs(UDPIngestLimits.heardMs))
        attachment.results.unpark()
        guard polls.isReady(2) || polls.isReady(3) || attachment.link.isAway else { continue }
      } else if nowNs &- checkedNs < UDPIngestLimits.stopCheckNs {
        continue
      }
      checkedNs = nowNs
      switch attachment.tend() {
      case .attached: break
      case .away:
        polls = pollSet()
      case .renewed:
        counters[.attachedAgain].increment()
        logger.notice("attached again")
        polls = pollSet()
      case .lost(let reason):
        _ = try readResults()
        logger.tell(.dispatcherGone, [.cause: "\(reason)"])
        return .dispatcherGone(reason: reason)
      }
      if try shouldStop() { return .stopped }
    }
  }

  /// Tells the dispatcher how far this ingest has heard, and the service manager that it is well.
  private mutating func noteHeard(_ received: Int, atNs nowNs: UInt64) {
    turns &+= 1
    let bytes = received == DatagramBatch.capacity ? batch.totalBytes : nil
    guard let heardNs = heard.note(datagrams: received, bytes: bytes, atNs: nowNs),
      heardNs &- self.heardNs >= UInt64(UDPIngestLimits.heardMs) * 500_000
    else { return }
    self.heardNs = heardNs
    attachment.submission.noteHeard(upToNs: heardNs)
    watchdog.tick(
      turns: turns,
      status: "\(counters[.heartbeatsPublished].value) heartbeats, "
        + "\(counters[.registrationsReceived].value) registrations")
  }

  private func pollSet() -> PollSet {
    PollSet([
      socket.descriptor.raw, attachment.results.descriptor, attachment.link.descriptor, signals.descriptor.raw,
    ])
  }

  /// Was it told to stop? Then it has published what the socket held.
  private mutating func shouldStop() throws -> Bool {
    guard let signal = signals.next() else { return false }
    logger.notice("stopping", metadata: ["signal": "\(signal)"])
    let startNs = Clock.bootNs()
    var nowNs = startNs
    while try receive(atNs: nowNs) > 0, nowNs &- startNs < UDPIngestLimits.drainNs { nowNs = Clock.bootNs() }
    _ = try readResults()
    return true
  }

  /// One receive call and all that comes of it, under one time.
  ///
  /// - Returns: datagrams received.
  private mutating func receive(atNs nowNs: UInt64) throws -> Int {
    let received = try batch.receive(from: socket)
    guard received > 0 else { return 0 }
    counters[.datagramsReceived].add(UInt64(received))
    countKernelDropped(batch.kernelDropped(received - 1))
    var roomWait = RoomWait()
    for index in 0..<received {
      let source = batch.source(index)
      do throws(Datagram.Fault) {
        switch try Datagram.decode(batch.bytes(index), isTruncated: batch.isTruncated(index)) {
        case .heartbeats(let workers): take(workers, from: source, atNs: nowNs, &roomWait)
        case .register(let registration): take(registration, from: source, atNs: nowNs, &roomWait)
        // What an ingest says to workers makes no sense the other way.
        case .registered, .unknown: throw .badKind
        }
      } catch {
        counters[UDPIngestCounter(error)].increment()
      }
    }
    attachment.submission.flush()
    return received
  }

  private mutating func countKernelDropped(_ total: UInt32) {
    let new = total &- kernelDropped
    // Nothing said is 0, which is no step back.
    guard total != 0, new < UInt32.max / 2 else { return }
    kernelDropped = total
    counters[.kernelDropped].add(UInt64(new))
  }
}
