import CRingperf
import Controller
import EventModel
import Platform
import SeededRandom

/// The state machine alone, in this process: what each kind of event costs.
///
/// Each figure is of one round: a fresh state is filled, which does not count, and then the events are handled, which
/// does.
enum ControllerBenchmark {
  private static let tasksPerJob = 1000
  /// Small cascades are repeated in one round until so many tasks were met: a clock cannot time one of them alone.
  private static let tasksPerRound = 100_000
  /// As the dispatcher's: proposals of one turn.
  static let placementsPerTurn = 256

  // MARK: heartbeats

  /// Nanoseconds a heartbeat by the dispatcher's fast path, in batches as it takes them from a ring or one by one.
  static func heartbeat(workers: Int, batched: Bool) throws -> Double {
    var fleet = Fleet(workers: workers, milliCPU: 1000)
    var generator = SeededGenerator(seed: 1)
    let handles = fleet.workers.shuffled(using: &generator)
    let passes = max(1, 1_000_000 / workers)
    let batch = 16
    var heartbeats = handles.map { Heartbeat(worker: $0, timeMs: 0) }
    var applied = 0
    var ns: UInt64 = 0
    for pass in 1...passes {
      for index in heartbeats.indices {
        heartbeats[index] = Heartbeat(worker: handles[index], timeMs: Fleet.startMs + Int64(pass))
      }
      let startNs = Clock.monotonicNs()
      var next = 0
      while batched, next + batch <= heartbeats.count {
        if fleet.state.recordHeartbeats(heartbeats.span.extracting(next..<(next + batch))) { applied += batch }
        next += batch
      }
      while next < heartbeats.count {
        if fleet.state.recordHeartbeat(heartbeats[next].worker, atMs: heartbeats[next].timeMs) == .applied {
          applied += 1
        }
        next += 1
      }
      ns += Clock.monotonicNs() - startNs
    }
    guard applied == passes * workers else {
      throw BenchmarkError("\(applied) heartbeats of \(passes * workers) applied")
    }
    return Double(ns) / Double(applied)
  }

  // MARK: tasks

  /// Nanoseconds of a report that takes a task from RUNNING to SUCCEEDED, in no order.
  static func report(tasks count: Int) throws -> Double {
    var fleet = Fleet(workers: 100, milliCPU: Int64(count) * 10)
    fleet.runTasks(count, perJob: 100)
    var generator = SeededGenerator(seed: 2)
    let tasks = fleet.tasks.shuffled(using: &generator)
    let startNs = Clock.monotonicNs()
    for task in tasks {
      _ = fleet.state.handle(
        .taskStateChanged(.handle(task), attempt: 0, state: .succeeded, exitCode: 0, timestampMs: Fleet.startMs))
    }
    let ns = Clock.monotonicNs() - startNs
    try expect(fleet.state.totals.tasks[.succeeded], count, "tasks succeeded")
    return Double(ns) / Double(count)
  }

  /// Nanoseconds a task when one worker is lost with `count` RUNNING tasks, which are all queued again.
  static func workerLost(tasks count: Int) throws -> Double {
    var ns: UInt64 = 0
    let cascades = max(1, tasksPerRound / count)
    for _ in 0..<cascades {
      var fleet = Fleet(workers: 1, milliCPU: Limits.milliCPU.upperBound)
      fleet.runTasks(count, perJob: min(count, tasksPerJob))
      let event = Event.workerFailed(.handle(fleet.workers[0]), error: "gone", timestampMs: Fleet.startMs)
      let startNs = Clock.monotonicNs()
      let transaction = fleet.state.handle(event)
      ns += Clock.monotonicNs() - startNs
      try expect(fleet.state.totals.tasks[.pending], count, "tasks queued again")
      try expect(transaction.actions.count, 3 * count + 2, "actions")
    }
    return Double(ns) / Double(cascades * count)
  }

  /// Nanoseconds a task when a job with `count` RUNNING tasks is cancelled; what one job cannot hold is in jobs below it.
  static func cancel(tasks count: Int) throws -> Double {
    var ns: UInt64 = 0
    let cascades = max(1, tasksPerRound / count)
    for _ in 0..<cascades {
      var fleet = Fleet(workers: 100, milliCPU: Limits.milliCPU.upperBound)
      let root = fleet.runTasks(count, perJob: min(count, Limits.replicas.upperBound), belowFirst: true)
      let event = Event.jobCancelled(.handle(root), reason: "not wanted", timestampMs: Fleet.startMs)
      let startNs = Clock.monotonicNs()
      let transaction = fleet.state.handle(event)
      ns += Clock.monotonicNs() - startNs
      try expect(fleet.state.totals.tasks[.killed], count, "tasks killed")
      try expect(transaction.tasksToKill.count, count, "tasks to stop")
    }
    return Double(ns) / Double(cascades * count)
  }

  /// Placements a second, proposals and commits together, of pending tasks by the policy first-fit.
  static func placements(tasks: Int, workers: Int) throws -> Double {
    var fleet = Fleet(workers: workers, milliCPU: Int64(tasks / workers) * 1000)
    fleet.submit(tasks, perJob: tasksPerJob)
    let startNs = Clock.monotonicNs()
    fleet.placeAll(limit: placementsPerTurn)
    let ns = Clock.monotonicNs() - startNs
    try expect(fleet.state.totals.tasks[.assigned], tasks, "tasks placed")
    return Double(tasks) / (Double(ns) / 1e9)
  }

  static func expect(_ count: Int, _ expected: Int, _ what: String) throws {
    guard count == expected else { throw BenchmarkError("\(count) \(what), \(expected) were expected") }
  }
}

/// What the state machine keeps in memory, by the allocator's own account of what is in use.
struct ControllerMemory {
  let workers: Int
  let tasks: Int
  let bytesPerWorker: Double
  let bytesPerTask: Double

  private static let tasksPerJob = 10_000

  /// Fills one state machine with workers, then with RUNNING tasks, and keeps both to the end.
  init(workers: Int, tasks: Int) throws {
    // The log of transactions is bounded by itself and grows with neither.
    var configuration = ControllerConfiguration()
    configuration.transactionLogCapacity = 0
    let empty = rp_heap_bytes_in_use()
    var fleet = Fleet(workers: workers, milliCPU: 1000, configuration: configuration)
    let afterWorkers = rp_heap_bytes_in_use()
    let handleBytes = fleet.workers.capacity * MemoryLayout<WorkerHandle>.stride
    fleet.submit(tasks, perJob: Self.tasksPerJob)
    fleet.placeAll(limit: 1024)
    let afterTasks = rp_heap_bytes_in_use()
    guard fleet.state.totals.workers == workers, fleet.state.totals.tasks[.assigned] == tasks else {
      throw BenchmarkError("not all of \(workers) workers and \(tasks) tasks live: \(fleet.state.totals)")
    }
    self.workers = workers
    self.tasks = tasks
    bytesPerWorker = Double(Int(afterWorkers - empty) - handleBytes) / Double(workers)
    bytesPerTask = Double(afterTasks - afterWorkers) / Double(tasks)
  }
}
