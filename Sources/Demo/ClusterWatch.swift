import EventCodec
import EventModel
import Platform
import Synchronization

/// What the demo has seen of the cluster on its result ring: the stream of transactions, and where each task is by it.
final class ClusterWatch: Sendable {
  /// A worker was declared lost.
  struct Loss: Sendable {
    let worker: String
    let transaction: Transaction
    /// CLOCK_BOOTTIME when the transaction arrived here.
    let seenNs: UInt64

    var requeued: [Action] {
      transaction.actions.filter { $0.kind == .taskRequeued }
    }
  }

  struct Placement: Sendable {
    let job: String
    var state: TaskState = .pending
    var worker: String?
  }

  private struct Seen: Sendable {
    var registeredWorkers: Set<String> = []
    var losses: [Loss] = []
    var placements: [String: Placement] = [:]
    var recent: [Transaction] = []
    var overruns = 0
    var lastTransaction: UInt64 = 0
    /// The least that any result stood by.
    var promise: Promise?
    var isClosed = false
  }

  private let seen = Mutex(Seen())
  private static let recentTransactions = 16

  /// Reads until the stream ends.
  func follow(_ results: AsyncStream<ResultMessage>) async {
    for await message in results {
      switch message {
      case .result(let result):
        noteTold(result)
        if let transaction = result.transaction { note(transaction, seenNs: Clock.bootNs()) }
      case .overrun: seen.withLock { $0.overruns += 1 }
      case .refused, .row, .queryDone, .heartbeatRefused: break
      }
    }
    seen.withLock { $0.isClosed = true }
  }

  private func noteTold(_ result: DispatchResult) {
    seen.withLock { seen in
      if let number = result.transaction?.number { seen.lastTransaction = max(seen.lastTransaction, number) }
      if result.promise.rawValue <= seen.promise?.rawValue ?? .max { seen.promise = result.promise }
    }
  }

  var lastTransaction: UInt64 {
    seen.withLock { $0.lastTransaction }
  }

  var promise: Promise? {
    seen.withLock { $0.promise }
  }

  var registeredWorkers: Int {
    seen.withLock { $0.registeredWorkers.count }
  }

  var losses: [Loss] {
    seen.withLock { $0.losses }
  }

  /// Newest last.
  var recent: [Transaction] {
    seen.withLock { $0.recent }
  }

  /// Times the result ring was too small, so that this picture may have holes.
  var overruns: Int {
    seen.withLock { $0.overruns }
  }

  func placement(of task: String) -> Placement? {
    seen.withLock { $0.placements[task] }
  }

  func count(job: String, in state: TaskState) -> Int {
    seen.withLock { seen in
      seen.placements.values.count { $0.job == job && $0.state == state }
    }
  }

  func isRegistered(_ worker: String) -> Bool {
    seen.withLock { $0.registeredWorkers.contains(worker) }
  }

  /// The worker that runs most tasks of a job, the first by name of several; nil when none runs any.
  func busiestWorker(job: String) -> (worker: String, tasks: Int)? {
    let counts = seen.withLock { seen in
      seen.placements.values.reduce(into: [String: Int]()) { counts, placement in
        guard placement.job == job, placement.state == .running, let worker = placement.worker else { return }
        counts[worker, default: 0] += 1
      }
    }
    let best = counts.min { ($1.value, $0.key) < ($0.value, $1.key) }
    return best.map { (worker: $0.key, tasks: $0.value) }
  }

  private func note(_ transaction: Transaction, seenNs: UInt64) {
    seen.withLock { seen in
      if transaction.event.kind != .workerHeartbeat { Self.remember(transaction, &seen.recent) }
      for action in transaction.actions {
        switch action.subject {
        case .worker(_, let name):
          if action.kind == .workerRegistered { seen.registeredWorkers.insert(name) }
          if action.kind == .workerFailed {
            seen.losses.append(Loss(worker: name, transaction: transaction, seenNs: seenNs))
          }
        case .task(_, let job, _):
          Self.move(&seen.placements[action.subject.description, default: Placement(job: job)], action)
        case .job: break
        }
      }
    }
  }

  private static func remember(_ transaction: Transaction, _ recent: inout [Transaction]) {
    if recent.count == recentTransactions { recent.removeFirst() }
    recent.append(transaction)
  }

  private static func move(_ placement: inout Placement, _ action: Action) {
    if let state = action.to { placement.state = state }
    switch action.kind {
    case .taskAssigned: placement.worker = action.worker?.name
    case .taskUnassigned: placement.worker = nil
    case .taskRequeued: placement.state = .pending
    default: break
    }
  }
}
