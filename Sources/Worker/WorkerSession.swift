import EventCodec
import EventModel
import Logging
import Platform

/// What a worker does, attached to a dispatcher: takes assignments, has its driver run them, reports how they end. Files and
/// processes it is given.
///
/// Used by one thread. It may be dropped at any moment and begun again: what the controller wants, what the driver has and the
/// store say together what is left to do.
package final class WorkerSession {
  let link: any WorkerLink
  let driver: any TaskDriver
  let store: any WorkerStore
  let profile: Profile
  let log: Logger
  var book = AttemptBook()
  package internal(set) var lease: Lease
  var terms: Lease.Terms { lease.terms }
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
  /// Read wherever it matters: this process may have been stopped since the last look.
  var nowNs: UInt64 { Clock.bootNs() }
  var nextHeartbeatNs: UInt64 = 0
  /// When ends could not be written down; `.max` when all are.
  var unkeptSinceNs: UInt64 = .max
  private var wasCutOff = false

  static let longestNapNs: UInt64 = 1_000_000_000
  /// Between two looks whether all has ended that keeps it from registering.
  private static let endPeriodNs: UInt64 = 100_000_000

  /// Who the worker is, and what it lets jobs do.
  package struct Profile: Sendable {
    package var name: String
    package var address = ""
    package var metadata: WorkerMetadata
    package var policy = WorkerPolicy()
    /// Attempts that run here at once.
    package var maximumTasks = 500
    /// One life of what runs here.
    package var incarnation: String

    package init(name: String, metadata: WorkerMetadata, incarnation: String) {
      (self.name, self.metadata, self.incarnation) = (name, metadata, incarnation)
    }
  }

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

  /// Takes up what exists here from before, and asks what the controller has.
  package init(
    _ link: any WorkerLink, _ driver: any TaskDriver, _ store: any WorkerStore, _ lease: Lease, _ profile: Profile,
    logger: Logger
  ) throws {
    self.link = link
    self.driver = driver
    self.store = store
    self.lease = lease
    self.profile = profile
    log = logger
    try adopt()
    book.attached(to: link.cluster)
    lookBack()
  }

  private func adopt() throws {
    let listed = try driver.list()
    // Behind the list: of what the fence has stopped meanwhile, it wrote that down before.
    var kept = try store.notes()
    for (id, status) in listed where store.outcomes[id] == nil {
      book.adopt(id, status, kept.removeValue(forKey: id))
    }
    for (id, outcome) in store.outcomes {
      book.adopt(id, ended: outcome, kept.removeValue(forKey: id))
    }
    for (id, note) in kept {
      if let reason = note.stopReason {
        book.adopt(id, ended: TaskOutcome(reason), note)
      } else {
        try store.removeNote(of: id)
      }
    }
    if !book.entries.isEmpty { log.info("found tasks", metadata: ["count": "\(book.entries.count)"]) }
  }

  /// All that there is to do now.
  package func turn() throws {
    // Before anything that the driver has still to start.
    cutOffIfDue()
    try obeyOrders()
    for change in try driver.changes(nowNs: nowNs) {
      switch change {
      case .status(let id, let status):
        if case .ended = status { noteFence(of: id) }
        if book.entries[id] == nil { takeUp(id, status) } else { book.note(id, status) }
      case .gone(let id):
        noteFence(of: id)
        book.gone(id)
      }
    }
    try readResults()
    try obeyOrders()
    sendWaiting()
    try keepInTouch()
    try startHeld()
    try obeyOrders()
    sendWaiting()
    link.flush()
  }

  /// Something runs here that nothing is known of: the controller says whether it may.
  private func takeUp(_ id: AttemptID, _ status: TaskStatus) {
    log.warning("found a task", metadata: ["attempt": "\(id)"])
    book.adopt(id, status, store.note(of: id))
    if case .givenUp = phase { book.abandonAll() } else { requests.mustSynchronise = true }
  }

  /// The fence may have stopped it: that is no failure of its own.
  private func noteFence(of id: AttemptID) {
    guard let entry = book.entries[id], entry.stopReason == nil, let reason = store.note(of: id)?.stopReason else {
      return
    }
    book.stopped(id, because: reason)
  }

  /// When `turn` has to be called though nothing comes.
  package var wakeNs: UInt64 {
    var heartbeatNs = link.isAway ? .max : nextHeartbeatNs
    if case .lookingBack = phase { heartbeatNs = .max }
    let nowNs = nowNs
    let cutOffNs = lease.deadlineNs > nowNs ? lease.deadlineNs &+ 1_000_000 : .max
    return min(driver.wakeNs, heartbeatNs, cutOffNs, nowNs &+ Self.longestNapNs)
  }

  package var liveCount: Int { book.liveCount }

  /// What it waits for, but programs and the answers to its heartbeats; nil when for nothing.
  package var pending: String? {
    guard case .registered = phase else { return "\(phase)" }
    if !unsent.isEmpty { return "\(unsent.count) events are not sent" }
    if !reports.isEmpty { return "\(reports.count) reports are not answered" }
    if requests.isSynchronising { return "what the controller has here" }
    if let entry = book.entries.values.first(where: { $0.phase != .running }) { return "\(entry.id): \(entry.phase)" }
    let open = requests.open.values.first {
      if case .heartbeat = $0 { false } else if case .answeredHeartbeat = $0 { false } else { true }
    }
    return open.map { "the answer to \($0)" }
  }

  /// No dispatcher counts the time of this worker's silence.
  ///
  /// - Parameter ns: CLOCK_BOOTTIME before that was looked at.
  package func dispatcherIsGone(atNs ns: UInt64) throws {
    lease.standStill(atNs: ns)
    try store.write(lease)
  }

  /// It is attached again, as the same peer.
  package func renewed() {
    log.notice("attached again")
    requests = Requests()
    jobs = [:]
    nextHeartbeatNs = 0
    if case .lookingBack = phase { lookBack() }
    synchronise()
  }

  private func cutOffIfDue() {
    let isCutOff = lease.deadlineNs != 0 && nowNs > lease.deadlineNs
    if isCutOff {
      if !wasCutOff {
        log.warning(
          "cut off from the controller: stopping what may not run on", metadata: ["count": "\(book.liveCount)"])
      }
      book.cutOff()
    }
    wasCutOff = isCutOff
  }

  /// Heartbeats, and what the ring had no room for.
  private func keepInTouch() throws {
    if requests.mustSynchronise, !link.isAway { synchronise() }
    guard nowNs >= nextHeartbeatNs, !link.isAway else { return }
    // It registers as soon as it has the answer.
    if case .lookingBack = phase { return }
    nextHeartbeatNs = nowNs &+ terms.heartbeatNs
    switch phase {
    case .lookingBack: break
    case .registering:
      guard book.mayRegister else { return nextHeartbeatNs = nowNs &+ Self.endPeriodNs }
      register()
    case .registered(let worker):
      let sentNs = nowNs
      guard link.publishHeartbeat(worker) else { return }
      ask(.heartbeat(of: worker, sentNs: sentNs), .workers, about: .worker(.handle(worker)))
    case .givenUp:
      guard book.liveCount == 0 else { return nextHeartbeatNs = nowNs &+ Self.endPeriodNs }
      phase = .registering
      register()
    }
  }

  private func register() {
    guard requests.registration == nil else { return }
    let event = Event.workerRegistered(
      profile.name, address: profile.address, metadata: profile.metadata, incarnation: profile.incarnation)
    requests.registration = try? link.publish(event, wantsResult: true)?.position
  }
}
