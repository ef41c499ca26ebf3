import Controller
import EventModel
import Journal

/// What some commits did, gathered to be written at once: plain values, so that what a full disk refused can be tried again.
///
/// Transactions and their actions are taken as they are. Of tasks and jobs only what they have become at the end counts,
/// so one that changed ten times is written once: `resolve` reads that from the state.
struct ProjectionBatch {
  typealias Link = TransactionLink

  /// The end or the change of something at a time, by the transaction with an id.
  struct Moment {
    var timeMs: Int64
    /// Nil when it is found in a snapshot.
    let transaction: UInt64?

    fileprivate func limited(toMs limitMs: Int64) -> Moment {
      Moment(timeMs: min(timeMs, limitMs), transaction: transaction)
    }
  }

  enum WorkerChange {
    /// - Parameter registered: nil when it is found in a snapshot.
    case appeared(WorkerHandle, WorkerRegistration, registered: Moment?)
    case refreshed(WorkerHandle, WorkerRegistration)
    case lost(WorkerHandle, Moment)
  }

  struct JobChange {
    let view: JobView
    let isNew: Bool
    /// Nil when it is found in a snapshot.
    let transaction: UInt64?
    /// Later times of the view count as this: the clock was set back.
    var latestMs = Int64.max
  }

  struct Timed<Content> {
    /// The id of a record; 0 when it is found in a snapshot.
    let record: UInt64
    let content: Content
    var timeMs: Int64
  }

  /// What came in and never entered the state machine.
  enum Unhandled {
    case event(Event, UnhandledReason)
    case record(SkippedRecord)
  }

  enum PeerChange {
    case attached(JournaledPeer)
    case removed(UInt32)
  }

  /// The transactions of a journal that it does not have any more: with greater numbers, from this epoch on.
  struct Superseded {
    let journal: String
    let firstIndex: UInt64
    let afterNumber: UInt64
  }

  /// The present one.
  private(set) var epoch: ArchiveEpoch
  /// Those that began, in order.
  private(set) var epochs: [ArchiveEpoch] = []
  var superseded: Superseded?
  private(set) var transactions: [ArchivedTransaction] = []
  /// Those of all rows that are made here.
  private(set) var texts: [UInt8] = []
  var workers: [WorkerChange] = []
  var jobs: [JobChange] = []
  private(set) var prunedJobs: [(job: JobHandle, at: Moment)] = []
  private(set) var tasks: [TaskRow] = []
  private(set) var earlierAttempts: [AttemptRow] = []
  private(set) var workerLists: [TransactionList] = []
  private(set) var jobLists: [TransactionList] = []
  /// Of tasks that the state does not know.
  private(set) var taskLists: [TransactionList] = []
  var peers: [Timed<PeerChange>] = []
  private(set) var unhandled: [Timed<Unhandled>] = []
  private(set) var settings: [Timed<ControllerConfiguration>] = []
  var losses: [ArchiveLoss] = []
  /// The controller's clock was set back, by the transaction with an id: nothing was noted later than this before.
  private(set) var clockCorrections: [(id: UInt64, toMs: Int64)] = []
  /// Entities are brought in line with a snapshot: those that it does not have are gone.
  var entitiesAtMs: Int64?
  /// Transactions, actions and kills, and what else came.
  private(set) var rows = 0
  private(set) var actions = 0
  private(set) var records: UInt64 = 0

  /// Something that an action tells of, to be looked at later.
  private struct Touched {
    let link: Link
    var isNew = false
    var isAssignment = false
  }

  /// The controller's clock before the record.
  private var clockMs: Int64 = 0
  private var workerLinks: [Link] = []
  private var jobLinks: [Link] = []
  private var touchedTasks: [Touched] = []
  private var touchedJobs: [Touched] = []
  /// Records without a time of their own get that of their turn's end.
  private var untimedPeers: [(UInt64, PeerChange)] = []
  private var untimedEvents: [(UInt64, Unhandled)] = []
  private var untimedSettings: [(UInt64, ControllerConfiguration)] = []

  /// - Parameter epoch: in which the database is.
  init(in epoch: ArchiveEpoch) {
    self.epoch = epoch
  }

  var isEmpty: Bool { records == 0 && losses.isEmpty && entitiesAtMs == nil }

  mutating func removeAll() {
    var next = ProjectionBatch(in: epoch)
    swap(&next.transactions, &transactions)
    swap(&next.texts, &texts)
    swap(&next.tasks, &tasks)
    next.transactions.removeAll(keepingCapacity: true)
    next.texts.removeAll(keepingCapacity: true)
    next.tasks.removeAll(keepingCapacity: true)
    self = next
  }

  mutating func begin(_ next: ArchiveEpoch) {
    epochs.append(next)
    epoch = next
  }

  /// Looks at what a record is about to make unknown to the state.
  mutating func prepare(for record: JournalRecord, _ state: borrowing ControllerState) {
    clockMs = state.nowMs
    guard case .event(let journaled) = record else { return }
    switch journaled.event.body {
    case .prune: resolve(state)
    case .jobSubmitted(_, let request) where request.ifExists == .replaceFinished: resolve(state)
    default: break
    }
  }

  /// Takes in what a record did.
  mutating func add(_ step: JournalReplica.Step) {
    records += 1
    let id = epoch.id(of: step.number)
    switch step.record {
    case .event:
      if let transaction = step.transaction { add(transaction, record: step.number) }
    case .unhandled(let journaled, let reason):
      rows += 1
      untimedEvents.append((id, .event(journaled.event, reason)))
    case .skipped(let skipped):
      rows += 1
      untimedEvents.append((id, .record(skipped)))
    case .peerAttached(let peer): untimedPeers.append((id, .attached(peer)))
    case .peerRemoved(let peer): untimedPeers.append((id, .removed(peer)))
    case .configured(let configuration): untimedSettings.append((id, configuration))
    case .started(let start):
      begin(epoch.next(epoch: start.epoch, firstTransaction: step.lastTransaction &+ 1))
    case .peerNumbers, .salvaged, .letter: break
    case .turn(let turn): endTurn(atMs: turn.timeMs)
    }
  }

  private mutating func endTurn(atMs timeMs: Int64) {
    guard !(untimedPeers.isEmpty && untimedEvents.isEmpty && untimedSettings.isEmpty) else { return }
    peers += untimedPeers.map { Timed(record: $0.0, content: $0.1, timeMs: timeMs) }
    unhandled += untimedEvents.map { Timed(record: $0.0, content: $0.1, timeMs: timeMs) }
    settings += untimedSettings.map { Timed(record: $0.0, content: $0.1, timeMs: timeMs) }
    untimedPeers.removeAll()
    untimedEvents.removeAll()
    untimedSettings.removeAll()
  }

  private mutating func add(_ transaction: Transaction, record: UInt64) {
    let id = epoch.id(of: transaction.number)
    if case .clockCorrected = transaction.event.body, transaction.outcome == .applied {
      clockCorrections.append((id, transaction.timestampMs))
      limitTimes(toMs: transaction.timestampMs)
    }
    // A rejected event has its own time, and does not move the clock.
    let timeMs = transaction.outcome.reason == nil ? transaction.timestampMs : clockMs
    transactions.append(
      ArchivedTransaction(transaction, id: id, record: record, timeMs: timeMs, epoch, &texts))
    let actions = transaction.actions
    rows += 1 + actions.count + transaction.tasksToKill.count
    self.actions += actions.count
    if let subject = transaction.subject { touch(subject, by: id) }
    for action in actions {
      if let worker = action.worker { workerLinks.append(Link(entity: worker.handle.rawValue, transaction: id)) }
      switch action.subject {
      case .worker(let worker, _):
        // One that was not registered.
        if worker.isNone { continue }
        workerLinks.append(Link(entity: worker.rawValue, transaction: id))
        noteWorker(worker, action.kind, transaction, id)
      case .job(let job, _):
        if action.kind == .jobPruned {
          prunedJobs.append((job, Moment(timeMs: transaction.timestampMs, transaction: id)))
          jobLinks.append(Link(entity: job.rawValue, transaction: id))
        } else {
          let isNew = action.kind == .jobSubmitted || action.kind == .jobValidationFailed
          touchedJobs.append(
            Touched(link: Link(entity: job.rawValue, transaction: id), isNew: isNew))
        }
      case .task(let task, _, _):
        touchedTasks.append(
          Touched(
            link: Link(entity: task.rawValue, transaction: id), isAssignment: action.kind == .taskAssigned))
      }
    }
    for kill in transaction.tasksToKill {
      if kill.isOfKnownTask { touch(kill.task, by: id) }
      workerLinks.append(Link(entity: kill.worker.handle.rawValue, transaction: id))
    }
  }

  /// What is read from the state later has its times from there.
  private mutating func limitTimes(toMs timeMs: Int64) {
    for index in jobs.indices { jobs[index].latestMs = min(jobs[index].latestMs, timeMs) }
    for index in tasks.indices { tasks[index].newest?.limitTimes(toMs: timeMs) }
    for index in earlierAttempts.indices { earlierAttempts[index].limitTimes(toMs: timeMs) }
    for index in prunedJobs.indices { prunedJobs[index].at.timeMs = min(prunedJobs[index].at.timeMs, timeMs) }
    for index in peers.indices { peers[index].timeMs = min(peers[index].timeMs, timeMs) }
    for index in unhandled.indices { unhandled[index].timeMs = min(unhandled[index].timeMs, timeMs) }
    for index in settings.indices { settings[index].timeMs = min(settings[index].timeMs, timeMs) }
    workers = workers.map { change in
      switch change {
      case .appeared(let worker, let registration, let registered):
        .appeared(worker, registration, registered: registered?.limited(toMs: timeMs))
      case .lost(let worker, let moment): .lost(worker, moment.limited(toMs: timeMs))
      case .refreshed: change
      }
    }
  }

  private mutating func touch(_ subject: Subject, by id: UInt64) {
    let link = Link(entity: subject.rawHandle, transaction: id)
    switch subject {
    case .worker: workerLinks.append(link)
    case .job: touchedJobs.append(Touched(link: link))
    case .task: touchedTasks.append(Touched(link: link))
    }
  }

  private mutating func noteWorker(_ worker: WorkerHandle, _ kind: ActionKind, _ transaction: Transaction, _ id: UInt64)
  {
    let moment = Moment(timeMs: transaction.timestampMs, transaction: id)
    switch (kind, transaction.event.body) {
    case (.workerRegistered, .workerRegistered(let registration)):
      workers.append(.appeared(worker, registration, registered: moment))
    case (.workerHeartbeat, .workerRegistered(let registration)): workers.append(.refreshed(worker, registration))
    case (.workerFailed, _): workers.append(.lost(worker, moment))
    default: break
    }
  }

  /// Nothing more comes.
  mutating func finish(_ state: borrowing ControllerState) {
    resolve(state)
    workerLinks.sort()
    jobLinks.sort()
    workerLists = TransactionList.make(ofEach: workerLinks, epoch, &texts)
    jobLists = TransactionList.make(ofEach: jobLinks, epoch, &texts)
  }

  /// Reads from the state what the entities told of have become. All of them are still known there.
  private mutating func resolve(_ state: borrowing ControllerState) {
    touchedTasks.sort { $0.link < $1.link }
    var index = 0
    while index < touchedTasks.count {
      let task = touchedTasks[index].link.entity
      var assignments = 0
      let first = index
      while index < touchedTasks.count, touchedTasks[index].link.entity == task {
        if touchedTasks[index].isAssignment { assignments += 1 }
        index += 1
      }
      let links = touchedTasks[first..<index].lazy.map { $0.link }
      // The newest attempt of before may have ended, and all others are new.
      // What a damaged journal makes the state forget stays as it was.
      guard let view = state.view(of: TaskHandle(rawValue: task), newestAttempts: assignments + 1) else {
        TransactionList.make(of: links, epoch, &texts) { taskLists.append($0) }
        continue
      }
      var list: TransactionList?
      TransactionList.make(of: links, most: .max, epoch, &texts) { list = $0 }
      add(view, list)
      for link in links {
        let ofJob = Link(entity: view.job.rawValue, transaction: link.transaction)
        if touchedJobs.last?.link != ofJob { touchedJobs.append(Touched(link: ofJob)) }
      }
    }
    touchedTasks.removeAll(keepingCapacity: true)
    resolveJobs(state)
  }

  private mutating func add(_ view: TaskView, _ list: TransactionList?) {
    for attempt in view.attempts.dropLast() {
      earlierAttempts.append(AttemptRow(attempt, of: view.handle, epoch, &texts))
    }
    tasks.append(TaskRow(view, list, epoch, &texts))
  }

  private mutating func resolveJobs(_ state: borrowing ControllerState) {
    touchedJobs.sort { $0.link < $1.link }
    var index = 0
    while index < touchedJobs.count {
      let job = touchedJobs[index].link.entity
      var isNew = false
      let first = jobLinks.count
      while index < touchedJobs.count, touchedJobs[index].link.entity == job {
        let touched = touchedJobs[index]
        if jobLinks.count == first || jobLinks[jobLinks.count - 1] != touched.link { jobLinks.append(touched.link) }
        isNew = isNew || touched.isNew
        index += 1
      }
      guard let view = state.view(of: JobHandle(rawValue: job)) else { continue }
      jobs.append(JobChange(view: view, isNew: isNew, transaction: jobLinks[jobLinks.count - 1].transaction))
    }
    touchedJobs.removeAll(keepingCapacity: true)
  }

  /// Takes all entities from a state, in the place of what was known of them.
  ///
  /// - Parameter timeMs: when those that it does not have went.
  mutating func takeEntities(of state: borrowing ControllerState, _ ledger: PeerLedger, goneAtMs timeMs: Int64? = nil) {
    entitiesAtMs = timeMs ?? state.nowMs
    var slot = 0
    while let worker = state.nextWorker(from: slot) {
      slot = Int(worker.handle.index) + 1
      let registration = WorkerRegistration(
        name: worker.name, address: worker.address, metadata: worker.metadata, incarnation: worker.incarnation)
      workers.append(.appeared(worker.handle, registration, registered: nil))
    }
    slot = 0
    while let job = state.nextJob(from: slot) {
      slot = Int(job.handle.index) + 1
      jobs.append(JobChange(view: job, isNew: true, transaction: nil))
    }
    slot = 0
    var lost = Set<WorkerHandle>()
    while let task = state.nextTask(from: slot) {
      slot = Int(task.handle.index) + 1
      add(task, nil)
      // Of workers that are gone, attempts still tell the names.
      for worker in task.attempts.map(\.worker) where state.view(of: worker.handle) == nil {
        guard lost.insert(worker.handle).inserted else { continue }
        let registration = WorkerRegistration(
          name: worker.name, address: "", metadata: WorkerMetadata(), incarnation: nil)
        workers.append(.appeared(worker.handle, registration, registered: nil))
        workers.append(.lost(worker.handle, Moment(timeMs: state.nowMs, transaction: nil)))
      }
    }
    peers += ledger.peers.map { Timed(record: 0, content: .attached($0.peer), timeMs: state.nowMs) }
  }
}

extension TaskToKill {
  /// A worker may report what is none any more, or never was.
  var isOfKnownTask: Bool {
    if case .task(let task, _, let index) = task { !task.isNone && index >= 0 } else { false }
  }
}
