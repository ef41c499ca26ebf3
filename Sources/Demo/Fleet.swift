import EventCodec
import EventModel
import Ingest
import Platform
import RingmasterClient

/// Simulates workers as the dispatcher meets real ones: registrations and heartbeats as UDP datagrams to the ingest,
/// reports of tasks on a ring of its own, assignments from its result ring.
///
/// Commands come on standard input, one a line: `kill NAME`, `stop-heartbeats`, `quit`; the end of the input and SIGTERM
/// are a `quit`.
/// Milestones go to standard output, one JSON object a line. One thread runs it.
public struct Fleet: ~Copyable {
  let options: FleetOptions
  var attachment: Attachment
  var sender: FleetSender
  var roster: FleetRoster
  var tasks: FleetTasks
  /// Reports that the ring has had no room for yet, oldest first.
  var unsentReports: [Event] = []
  var totals = FleetTotals()
  /// The request for all tasks that makes up for lost results; nil when none is under way.
  var recoveryRequest: UInt64?
  var needsRecovery = false
  /// Becomes nil when the dispatcher has confirmed it: from then on no assignment is missed.
  var subscriptionRequest: UInt64?
  private let signals: SignalDescriptor
  private var batch = DatagramBatch()
  private var commands = FleetCommandReader()
  private var dueHeartbeats: [WorkerHandle] = []
  private var sendsHeartbeats = true
  private var isQuitting = false
  private var toldRegistered = false

  /// Attaches to the dispatcher. From here on SIGTERM and SIGINT are read by `run`, so call it before any thread is
  /// started.
  ///
  /// - Throws: `FleetError.badOption`, `SocketAddressError`, `SystemError` when nobody listens at the control socket,
  ///   `ClientError`.
  public init(_ options: FleetOptions) throws {
    try options.validate()
    let signals = try SignalDescriptor.ofStopSignals()
    let socket = try DatagramSocket.connected(
      to: SocketAddress(options.ingest), receiveBufferBytes: FleetLimits.receiveBufferBytes)
    let attachOptions = AttachOptions(
      role: .ingest, name: "fleet", submissionCapacity: FleetLimits.submissionCapacity,
      resultCapacity: FleetLimits.resultCapacity)
    var attachment = try Attachment.attach(path: options.socketPath, options: attachOptions)
    subscriptionRequest = attachment.subscribe(.assignments)
    attachment.submission.flush()
    self.attachment = attachment
    self.options = options
    self.signals = signals
    sender = FleetSender(socket: socket)
    roster = FleetRoster(
      count: options.workers, prefix: options.namePrefix, intervalMs: options.intervalMs, startNs: Clock.bootNs())
    tasks = FleetTasks(durationMs: options.taskDurationMs, seed: options.seed)
    dueHeartbeats.reserveCapacity(options.heartbeatsPerDatagram)
  }

  /// Runs until it is told to quit.
  ///
  /// - Throws: `FleetError` when a registration is refused or the dispatcher is gone.
  public mutating func run() throws {
    var polls = pollSet()
    var nextStepNs = Clock.bootNs()
    while !isQuitting {
      let nowNs = Clock.bootNs()
      if nowNs >= nextStepNs {
        step(nowNs: nowNs)
        nextStepNs = max(nextStepNs + FleetLimits.stepNs, nowNs + 1)
      }
      try readAnswers()
      try readResults(nowNs: nowNs)
      try tellRegistered()
      attachment.submission.flush()
      guard attachment.results.park() else { continue }
      polls.wait(timeoutMs: attachment.link.napMs(Self.timeoutMs(untilNs: nextStepNs)))
      attachment.results.unpark()
      let mustTend = polls.isReady(2) || attachment.link.isAway
      if polls.isReady(3) {
        for command in try commands.read() { try obey(command) }
      }
      if polls.isReady(4) { isQuitting = true }
      if mustTend {
        try readResults(nowNs: Clock.bootNs())
        switch attachment.tend() {
        case .attached: break
        case .away: polls = pollSet()
        case .renewed:
          polls = pollSet()
          noteUnanswered()
        case .lost(let reason): throw FleetError.dispatcherGone(reason: reason)
        }
      }
    }
    sender.send()
    sendReports()
    attachment.submission.flush()
    try FleetMilestone.done(allTotals).tell()
  }

  private func pollSet() -> PollSet {
    PollSet([
      sender.descriptor, attachment.results.descriptor, attachment.link.descriptor, commands.descriptor,
      signals.descriptor.raw,
    ])
  }

  /// Rounded up: to wake before the time is to wake twice.
  private static func timeoutMs(untilNs: UInt64) -> Int32 {
    let nowNs = Clock.bootNs()
    return untilNs <= nowNs ? 0 : Int32((untilNs - nowNs + 999_999) / 1_000_000)
  }

  /// What time brings: registrations, heartbeats and reports that are due.
  private mutating func step(nowNs: UInt64) {
    if subscriptionRequest == nil {
      for index in roster.takeDueRegistrations(nowNs: nowNs) {
        sender.append(
          Datagram.Registration(
            request: UInt64(index), name: roster.workers[index].name, address: "", incarnation: nil,
            capacity: options.capacity))
      }
    }
    sendHeartbeats(nowNs: nowNs)
    sender.send()
    while let report = tasks.nextReport(nowNs: nowNs) {
      guard !roster.workers[report.worker].isSilent else { continue }
      unsentReports.append(
        .taskStateChanged(.handle(report.task), attempt: report.attempt, state: report.state, exitCode: report.exitCode)
      )
    }
    sendReports()
    recoverIfNeeded()
  }

  private mutating func sendHeartbeats(nowNs: UInt64) {
    guard sendsHeartbeats else { return }
    var due: [WorkerHandle] = []
    swap(&due, &dueHeartbeats)
    let limit = options.heartbeatsPerDatagram
    roster.takeDueHeartbeats(nowNs: nowNs) { worker in
      due.append(worker)
      guard due.count == limit else { return }
      sender.append(heartbeatsOf: due)
      due.removeAll(keepingCapacity: true)
    }
    if !due.isEmpty { sender.append(heartbeatsOf: due) }
    due.removeAll(keepingCapacity: true)
    swap(&due, &dueHeartbeats)
  }

  /// Takes the ingest's datagrams in.
  private mutating func readAnswers() throws {
    while try sender.receive(into: &batch) > 0 {
      for index in 0..<batch.count {
        switch try? Datagram.decode(batch.bytes(index), isTruncated: batch.isTruncated(index)) {
        case .registered(let answer): try take(answer)
        case .unknown(let workers):
          for worker in workers {
            // It begins anew, and what it ran is somebody else's by now.
            if let index = roster.forget(worker) { tasks.stopAll(on: index) }
          }
        default: break
        }
      }
    }
  }

  private mutating func take(_ answer: Datagram.Acknowledgement) throws {
    guard answer.request < UInt64(roster.workers.count) else { return }
    let index = Int(answer.request)
    if let reason = answer.reason {
      throw FleetError.registrationRefused(worker: roster.workers[index].name, reason)
    }
    roster.acknowledge(index, handle: answer.worker)
  }

  private mutating func tellRegistered() throws {
    guard !toldRegistered, roster.registered == options.workers else { return }
    toldRegistered = true
    try FleetMilestone.registered(workers: roster.registered).tell()
  }

  private mutating func obey(_ command: FleetCommand) throws {
    switch command {
    case .kill(let name):
      guard let index = roster.index(named: name) else {
        return try FleetMilestone.error(message: "no worker is named \(name)").tell()
      }
      roster.silence(index)
      try FleetMilestone.killed(worker: name, bootNs: Clock.bootNs()).tell()
    case .stopHeartbeats:
      sendsHeartbeats = false
      try FleetMilestone.heartbeatsStopped(heartbeatsSent: sender.heartbeatsSent, bootNs: Clock.bootNs()).tell()
    case .quit: isQuitting = true
    case .unknown(let line):
      try FleetMilestone.error(message: "expected kill NAME, stop-heartbeats or quit, got: \(line)").tell()
    }
  }

  private var allTotals: FleetTotals {
    var totals = totals
    totals.heartbeatsSent = sender.heartbeatsSent
    totals.datagramsSent = sender.datagramsSent
    totals.sendFailures = sender.sendFailures
    totals.heartbeatsFailed = sender.heartbeatsFailed
    return totals
  }
}
