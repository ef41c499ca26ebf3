import EventCodec
import EventModel
import Glibc
import LogMessages
import Logging
import Platform
import RingmasterClient
import ServiceManager

/// Runs the tasks of one machine: takes assignments from the dispatcher, has its driver run them, and reports how they end.
///
/// One thread runs it, all of it. It may be killed at any moment and begun again: its driver's tasks run on, and what the
/// controller wants, what the driver has and the notes say together what is left to do.
struct WorkerService: ~Copyable {
  /// Why `run` came to its end.
  enum End: Sendable {
    /// SIGTERM or SIGINT came; tasks run on.
    case stopped
    case dispatcherGone(reason: String)
  }

  let options: WorkerOptions
  let settings: WorkerSettings
  let driver: any TaskDriver
  let log: Logger
  let notes: AttemptNotes
  var outcomes: OutcomeLog
  let incarnation: String
  var book = AttemptBook()
  var lease: Lease
  var terms: Lease.Terms { lease.terms }
  var attachment: Attachment
  var phase = Phase.lookingBack
  var requests = Requests()
  var jobs: [JobHandle: PendingJob] = [:]
  var plans: [JobHandle: LaunchPlan] = [:]
  /// Jobs with tasks that wait until others have ended.
  var held: Set<JobHandle> = []
  /// Ends that were reported, by the position of their event.
  var reports: [UInt64: AttemptID] = [:]
  /// Events that the ring has had no room for yet, oldest first.
  var unsent: [(body: Event.Body, id: AttemptID?)] = []
  var nextHeartbeatNs: UInt64 = 0
  /// When ends could not be written down; `.max` when all are.
  private var unkeptSinceNs: UInt64 = .max
  private var wasCutOff = false
  private let signals: StopSignals
  private var watchdog = Watchdog()
  private var turns: UInt64 = 0

  /// How far it is with the controller.
  enum Phase {
    /// Asks what the controller has of a life before: registering anew may end that, and how it ended is to be told first.
    case lookingBack
    /// It registers, or is about to.
    case registering
    case registered(WorkerHandle)
    /// Given up by the controller: all that runs here has to end before it registers again.
    case givenUp
  }

  /// A job whose specification is under way.
  struct PendingJob {
    var view: JobView?
    var specification: Specification?
  }

  /// - Throws: `SystemError` when the state folder cannot be used, and what the driver throws.
  init(
    _ attachment: consuming Attachment, _ options: WorkerOptions, _ settings: WorkerSettings, _ lease: Lease,
    _ signals: StopSignals, logger: Logger
  ) throws {
    try Folder.ensure(options.stateFolder)
    let boot = try BootRecord.open(options.stateFolder)
    let driver = try TaskDrivers.make(settings.driver, options, owner: boot.owner)
    let notes = try AttemptNotes(folder: "\(options.stateFolder)/attempts")
    let outcomes = try OutcomeLog(path: "\(options.stateFolder)/outcomes")
    self.options = options
    self.settings = settings
    self.driver = driver
    self.notes = notes
    self.outcomes = outcomes
    self.lease = lease
    self.signals = signals
    incarnation = boot.incarnation
    log = logger
    self.attachment = attachment
  }

  static func attach(
    _ options: WorkerOptions, _ settings: WorkerSettings
  ) throws(UnreachableDispatcher) -> Attachment {
    var attachOptions = AttachOptions(
      role: .worker, name: settings.name, submissionCapacity: WorkerOptions.submissionSlots,
      resultCapacity: WorkerOptions.resultSlots)
    attachOptions.reattachTimeoutMs = Int(Int32.max)
    do {
      return try Attachment.attach(path: options.socketPath, options: attachOptions)
    } catch {
      // Of a name that is not there, nothing can be said: the path may be wrong.
      let isGone = (error as? SystemError)?.code == ECONNREFUSED
      throw UnreachableDispatcher(cause: error, isGone: isGone)
    }
  }

  /// Takes up what exists here from before.
  private mutating func adopt() throws {
    var kept = try notes.readAll()
    for (id, status) in try driver.list() where outcomes.pending[id] == nil {
      book.adopt(id, status, kept.removeValue(forKey: id))
    }
    for (id, outcome) in outcomes.pending {
      book.adopt(id, ended: outcome, kept.removeValue(forKey: id))
    }
    for (id, note) in kept {
      if let reason = note.stopReason {
        book.adopt(id, ended: TaskOutcome(reason), note)
      } else {
        try notes.remove(id)
      }
    }
    if !book.entries.isEmpty { log.info("found tasks", metadata: ["count": "\(book.entries.count)"]) }
  }

  /// Runs until it is to stop or the dispatcher is gone for good.
  mutating func run() throws -> End {
    ServiceManager.status("Worker \(settings.name), driver \(driver.name)")
    _ = attachment.subscribe(.assignments)
    try adopt()
    book.attached(to: attachment.cluster)
    lookBack()
    while true {
      let nowNs = Clock.bootNs()
      try takeChanges(nowNs: nowNs)
      _ = try readResults()
      try obeyOrders()
      sendWaiting()
      try keepInTouch(nowNs: nowNs)
      try startHeld()
      try obeyOrders()
      sendWaiting()
      attachment.submission.flush()
      turns &+= 1
      watchdog.tick(turns: turns, status: "\(book.liveCount) tasks")
      guard attachment.results.park() else { continue }
      let descriptors = [
        attachment.results.descriptor, attachment.link.descriptor, signals.descriptor,
      ]
      let polls = PollSet(descriptors + driver.descriptors)
      polls.wait(timeoutMs: attachment.link.napMs(napMs()))
      attachment.results.unpark()
      if signals.next() != nil { return .stopped }
      if polls.isReady(1) || attachment.link.isAway, let end = try tend() { return end }
    }
  }

  /// How long nothing has to be done unless something comes.
  private func napMs() -> Int32 {
    let nowNs = Clock.bootNs()
    let heartbeatNs = attachment.link.isAway ? .max : nextHeartbeatNs
    let wakeNs = min(driver.wakeNs, heartbeatNs, nowNs &+ WorkerOptions.longestNapNs)
    return wakeNs <= nowNs ? 0 : Int32((wakeNs - nowNs + 999_999) / 1_000_000)
  }

  private mutating func tend() throws -> End? {
    _ = try readResults()
    switch attachment.tend() {
    case .attached: return nil
    case .away:
      // Another dispatcher counts a worker's time from its own start.
      if attachment.link.isDispatcherGone { try lease.extend(fromNs: Clock.bootNs()) }
      return nil
    case .renewed:
      log.notice("attached again")
      requests = Requests()
      jobs = [:]
      if case .lookingBack = phase { lookBack() }
      synchronise()
      return nil
    case .lost(let reason):
      log.tell(.dispatcherGone, [.cause: "\(reason)"])
      return .dispatcherGone(reason: reason)
    }
  }

  private mutating func takeChanges(nowNs: UInt64) throws {
    for change in try driver.changes(nowNs: nowNs) {
      switch change {
      case .status(let id, let status): book.note(id, status)
      case .gone(let id): book.gone(id)
      }
    }
  }

  /// Heartbeats, and what follows from their answers staying away.
  private mutating func keepInTouch(nowNs: UInt64) throws {
    let isCutOff = lease.deadlineNs != 0 && nowNs > lease.deadlineNs
    if isCutOff {
      if !wasCutOff {
        log.warning(
          "cut off from the controller: stopping what may not run on", metadata: ["count": "\(book.liveCount)"])
      }
      book.cutOff()
    }
    wasCutOff = isCutOff
    guard nowNs >= nextHeartbeatNs, !attachment.link.isAway else { return }
    nextHeartbeatNs = nowNs &+ terms.heartbeatNs
    switch phase {
    case .lookingBack: break
    case .registering: register(nowNs: nowNs)
    case .registered(let worker):
      guard attachment.submission.publishHeartbeat(worker, timestampNs: 0) else { return }
      ask(.heartbeat(sentNs: nowNs), .workers, about: .worker(.handle(worker)))
    case .givenUp:
      guard book.liveCount == 0 else { return }
      phase = .registering
      register(nowNs: nowNs)
    }
  }

  private mutating func register(nowNs: UInt64) {
    guard requests.registration == nil else { return }
    let metadata = settings.metadata(
      driver: driver.name, stateFolder: driver.name == "process" ? options.stateFolder : nil)
    let event = Event.workerRegistered(
      settings.name, address: settings.address, metadata: metadata, incarnation: incarnation)
    guard let id = try? attachment.submission.publish(event, wantsResult: true) else { return }
    requests.registration = (id.position, nowNs)
  }

  // MARK: Orders

  private mutating func obeyOrders() throws {
    var orders = book.takeOrders()
    while !orders.isEmpty {
      let areKept = keep(orders)
      for order in orders {
        if case .report = order, !areKept { continue }
        try obey(order)
      }
      orders = book.takeOrders()
    }
    let nowNs = Clock.bootNs()
    guard unkeptSinceNs != .max, nowNs &- unkeptSinceNs > WorkerOptions.longestNapNs else { return }
    unkeptSinceNs = .max
    book.keepEnds()
  }

  /// Writes ends down, all before any of them is reported.
  ///
  /// - Returns: false when the disk does not take them: they are tried again, and reported then.
  private mutating func keep(_ orders: [AttemptBook.Order]) -> Bool {
    do {
      try outcomes.append(
        orders.compactMap { if case .keep(let id, let outcome) = $0 { (id, outcome) } else { nil } })
      return true
    } catch {
      log.error("how tasks ended cannot be written down: trying again", metadata: ["cause": "\(error)"])
      unkeptSinceNs = Clock.bootNs()
      return false
    }
  }

  private mutating func obey(_ order: AttemptBook.Order) throws {
    switch order {
    case .keep: break
    case .fetch(let job): try fetch(job)
    case .stop(let id, let way):
      // A stopped unit is gone, and with it how it ended.
      do {
        if let entry = book.entries[id] { try notes.write(AttemptNote(entry), of: id) }
      } catch {
        log.error("a stop cannot be noted", metadata: ["cause": "\(error)"])
      }
      driver.stop(id, signal: way.signal, timeoutMs: min(way.timeoutMs, terms.stopMs))
    case .release(let id):
      driver.release(id)
      try notes.remove(id)
      try outcomes.remove(id)
    case .report(let id, let body): unsent.append((body, id))
    case .tell(let body): unsent.append((body, nil))
    }
  }

  /// Publishes what waits, as far as there is room.
  private mutating func sendWaiting() {
    guard case .registered = phase else { return sendEndsOfBefore() }
    send { _ in true }
  }

  /// Before it is registered, only ends: what the controller still has of this worker's former life it may end with them.
  private mutating func sendEndsOfBefore() {
    send { $0.id != nil }
  }

  private mutating func send(_ isWanted: ((body: Event.Body, id: AttemptID?)) -> Bool) {
    var kept: [(body: Event.Body, id: AttemptID?)] = []
    var isFull = false
    for report in unsent {
      guard !isFull, isWanted(report) else {
        kept.append(report)
        continue
      }
      do {
        guard let id = try attachment.submission.publish(Event(body: report.body), wantsResult: report.id != nil) else {
          isFull = true
          kept.append(report)
          continue
        }
        if let attempt = report.id {
          reports[id.position] = attempt
          book.reporting(attempt)
        }
      } catch {
        log.error("a report is no record", metadata: ["error": "\(error)"])
        if let attempt = report.id { book.answered(attempt) }
      }
    }
    unsent = kept
  }
}
