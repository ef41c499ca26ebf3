import EventJSON
import Platform
import Terminal

/// What the state machine costs, round by round, everything in turns.
struct ControllerFigures {
  /// The cost of a task in cascades of several sizes, from small to large.
  struct Cascades {
    let sizes: [Int]
    /// By size, then by round: nanoseconds a task.
    let nsPerTask: [[Double]]

    /// The cost of a task in the largest cascade as a multiple of that in the smallest.
    var growth: Double {
      Summary.ratio(nsPerTask[nsPerTask.count - 1], nsPerTask[0])
    }

    /// Nanoseconds a task in cascades of `size`; nil when they were not measured.
    func median(of size: Int) -> Double? {
      sizes.firstIndex(of: size).map { Summary(nsPerTask[$0]).median }
    }

    var json: JSONValue {
      .array(
        zip(sizes, nsPerTask).map { size, ns in
          .object([.init("tasks", .integer(size)), .init("ns_per_task", .decimal(Summary(ns).median))])
        })
    }
  }

  let heartbeat: [Double]
  let heartbeatSingle: [Double]
  let report: [Double]
  let workerLost: Cascades
  let cancel: Cascades
  let placements: [Double]
  let mixedPlacements: [Double]
  /// While tasks wait of one shape, and of many.
  let change: [Double]
  let mixedChange: [Double]
  let memory: ControllerMemory
  private let workers: Int

  private static let keptMemoryBytes = 1 << 30
  private static let reportedTasks = 100_000
  private static let placedTasks = 100_000
  private static let placingWorkers = 10_000

  init(workers: Int, cascades: [Int], population: Int, rounds: RoundOptions) throws {
    typealias Benchmark = ControllerBenchmark
    // As ringmasterd does: the warm-up round is charged for the pages.
    Machine.keepFreedMemory(bytes: Self.keptMemoryBytes)
    memory = try ControllerMemory(workers: population, tasks: population)
    var arms: [() throws -> Double] = [
      { try Benchmark.heartbeat(workers: workers, batched: true) },
      { try Benchmark.heartbeat(workers: workers, batched: false) },
      { try Benchmark.report(tasks: Self.reportedTasks) },
      { try Benchmark.placements(tasks: Self.placedTasks, workers: Self.placingWorkers) },
      { try Benchmark.mixedPlacements(tasks: Self.placedTasks, workers: Self.placingWorkers) },
      { try Benchmark.change(waiting: Self.placedTasks, workers: Self.placingWorkers, shapes: 1) },
      { try Benchmark.change(waiting: Self.placedTasks, workers: Self.placingWorkers, shapes: ControllerMix.shapes) },
    ]
    let single = arms.count
    arms += cascades.map { size in { try Benchmark.workerLost(tasks: size) } }
    arms += cascades.map { size in { try Benchmark.cancel(tasks: size) } }
    let figures = try Rounds.figures(rounds, arms: arms) { try $0() }
    (heartbeat, heartbeatSingle, report, placements) = (figures[0], figures[1], figures[2], figures[3])
    (mixedPlacements, change, mixedChange) = (figures[4], figures[5], figures[6])
    let cancels = single + cascades.count
    workerLost = Cascades(sizes: cascades, nsPerTask: Array(figures[single..<cancels]))
    cancel = Cascades(sizes: cascades, nsPerTask: Array(figures[cancels...]))
    self.workers = workers
  }

  var table: TextTable {
    var table = TextTable("what", "median", "spread")
    func add(_ what: String, _ values: [Double], _ text: (Double) -> String = Figures.ns) {
      let summary = Summary(values)
      table.add(TextTable.Cell(what), TextTable.Cell(text(summary.median)), TextTable.Cell(Figures.spread(summary)))
    }
    func add(_ what: String, _ cascades: Cascades) {
      for (size, ns) in zip(cascades.sizes, cascades.nsPerTask) { add("\(what) with \(size) tasks, a task", ns) }
      table.add(
        TextTable.Cell("\(what), growth"), TextTable.Cell(Figures.ratio(cascades.growth)), TextTable.Cell(""))
    }
    func add(_ what: String, bytes: Double) {
      table.add(TextTable.Cell(what), TextTable.Cell("\(Int(bytes.rounded())) bytes"), TextTable.Cell(""))
    }
    add("heartbeat of one of \(workers) workers, in batches", heartbeat)
    add("the same one by one", heartbeatSingle)
    add("report RUNNING to SUCCEEDED", report)
    add("worker lost", workerLost)
    add("job cancelled", cancel)
    add("\(Self.placedTasks) tasks placed on \(Self.placingWorkers) workers", placements, Figures.perSecond)
    add("the same of \(ControllerMix.shapes) shapes", mixedPlacements, Figures.perSecond)
    add("change while \(Self.placedTasks) wait in vain", change)
    add("the same of \(ControllerMix.shapes) shapes", mixedChange)
    add("memory of a worker, with \(memory.workers)", bytes: memory.bytesPerWorker)
    add("memory of a task, with \(memory.tasks) placed", bytes: memory.bytesPerTask)
    return table
  }
}
