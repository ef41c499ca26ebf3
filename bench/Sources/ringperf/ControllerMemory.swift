import CRingperf
import Controller
import EventModel

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
