import Controller
import EventModel
import Foundation
import Journal
import Platform

/// A journal in a folder of its own, as a dispatcher would have written it: a fleet of workers, RUNNING tasks on them, a
/// snapshot of that, and some events behind it.
final class JournalFixture {
  let folder: String
  let workers: Int
  let tasks: Int
  /// Of the snapshot, in bytes.
  private(set) var snapshotBytes = 0
  /// Events altogether.
  private(set) var events = 0
  /// Events behind the snapshot.
  let tailEvents: Int

  private static let tasksPerJob = 100
  private static let zones = 20
  private static let milliCPU: Int64 = 16_000
  private static let turnEvents = 4096

  /// - Parameter parent: the folder to make it in, on the disk that is meant.
  init(workers: Int, tasks: Int, tailEvents: Int, parent: String) throws {
    self.workers = workers
    self.tasks = tasks
    self.tailEvents = tailEvents
    folder = "\(parent)/\(ObjectNames.folderPrefix)journal-\(Machine.processID())-\(workers)-\(tasks)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try fill()
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func fill() throws {
    let lock = try JournalLock.take(folder: folder)
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    var writer = try JournalWriter.open(lock, at: try reader.findEnd())
    var book = Book(appender: writer.appender(), committer: writer.committer())
    let journal = writer.journal
    try book.append(.configured(book.state.configuration))
    for index in 0..<workers {
      // Names as fleets have them, too long to lie in a string's own words.
      try book.handle(
        .workerRegistered(
          "worker-\(index).rack-\(index / 40).example",
          address: "10.\(index >> 16).\(index >> 8 & 255).\(index & 255):8080",
          metadata: WorkerMetadata(
            capacity: Resources(milliCPU: Self.milliCPU),
            attributes: [.init(key: "zone", value: "zone-\(index % Self.zones)")])))
    }
    try submitJobs(&book)
    try book.place()
    for handle in book.placed {
      try book.handle(.taskStateChanged(.handle(handle), attempt: 0, state: .running))
    }
    guard book.state.totals.tasks[.running] == tasks else {
      throw BenchmarkError("\(book.state.totals.tasks[.running]) tasks run of \(tasks)")
    }
    try book.commit()
    let snapshot = Snapshot(
      journal: journal, position: book.committer.position, stateHash: book.state.stateHash, createdMs: Clock.wallMs(),
      configuration: book.state.configuration, ledger: book.ledger, state: book.state.save())
    snapshotBytes = try SnapshotStore.write(snapshot, folder: folder)
    for index in 0..<tailEvents {
      try book.handle(.workerHeartbeatFailed(.handle(WorkerHandle(index: UInt32(index % workers), generation: 1))))
    }
    try book.commit()
    events = Int(book.state.transactionLog.lastNumber)
  }

  private func submitJobs(_ book: inout Book) throws {
    var left = tasks
    while left > 0 {
      var request = JobRequest()
      request.replicas = Int32(min(left, Self.tasksPerJob))
      request.resources.milliCPU = 100
      request.owner = "somebody"
      try book.handle(.jobSubmitted("job-\(left / Self.tasksPerJob)-of-somebody", request: request))
      left -= Int(request.replicas)
    }
  }

  /// A state machine and the journal of what it handled.
  private struct Book: ~Copyable {
    var state = ControllerState()
    var committer: JournalCommitter
    private var appender: JournalAppender
    private(set) var ledger = PeerLedger()
    private(set) var placed: [TaskHandle] = []
    private var ownEvents: UInt64 = 0
    private var open = 0

    init(appender: consuming JournalAppender, committer: consuming JournalCommitter) {
      self.appender = appender
      self.committer = committer
    }

    mutating func append(_ record: JournalRecord) throws {
      guard try appender.append(record) != nil else { throw BenchmarkError("the journal's queue is full") }
      ledger.apply(record, lastTransaction: state.transactionLog.lastNumber)
      open += 1
      if open == JournalFixture.turnEvents { try commit() }
    }

    mutating func handle(_ event: Event) throws {
      let own = event.stamped(id: EventID(peer: 0, position: ownEvents), timestampMs: Fleet.startMs)
      ownEvents += 1
      _ = state.handle(own)
      try append(.event(JournaledEvent(own, slots: 0, wantsResult: false)))
    }

    mutating func place() throws {
      var policy: any SchedulingPolicy = LeastLoaded()
      while state.hasSchedulableWork {
        for event in state.proposePlacements(using: &policy, limit: 1024) {
          if case .taskAssigned(.handle(let task), _) = event.body { placed.append(task) }
          try handle(event)
        }
      }
    }

    mutating func commit() throws {
      open = 0
      appender.seal(
        stateHash: state.stateHash, lastTransaction: state.transactionLog.lastNumber, timeMs: state.nowMs)
      guard committer.turn() != .failed else { throw BenchmarkError("the journal could not be written") }
    }
  }
}
