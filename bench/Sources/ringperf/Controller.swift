import ArgumentParser
import EventJSON
import Platform

struct ControllerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "controller",
    abstract: "What events cost the state machine alone, and what it keeps in memory.",
    discussion: """
      In this process, without rings and dispatcher. Cascades are those of one worker lost with all its tasks, and of one \
      job cancelled with all its tasks (and the jobs below it, beyond 10,000); their growth is the cost of a task in the \
      largest cascade as a multiple of that in the smallest. Memory is the allocator's account with --population workers \
      and as many placed tasks in one state; names of up to 15 bytes take none beyond it.

      JSON: heartbeat_ns, heartbeat_single_ns, report_ns, worker_lost_ns_per_task and cancel_ns_per_task (of the first \
      size; results has a row for each), worker_lost_growth, cancel_growth, placements_per_s, mixed_placements_per_s, \
      change_ns, mixed_change_ns, bytes_per_worker, bytes_per_task.
      """)

  @Option(help: "Workers that heartbeats come from.")
  var workers = 100_000

  @Option(help: "Tasks of the cascades, from few to many.")
  var tasks = CountList([1000, 10_000, 100_000])

  @Option(help: "Workers, and as many tasks, whose memory is measured.")
  var population = 1_000_000

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--workers", workers, in: 16...4_000_000)
    for count in tasks.counts { try expect("--tasks", count, in: 1...500_000) }
    try expect("--population", population, in: 1000...4_000_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let figures = try ControllerFigures(
      workers: workers, cascades: tasks.counts, population: population, rounds: rounds)
    var report = Report(
      "controller", rounds, [.init("workers", .integer(workers)), .init("population", .integer(population))])
    report.rows = figures.rows
    try report.publish(output)
  }
}

/// What the state machine costs, round by round, everything in turns.
struct ControllerFigures {
  /// The cost of a task in cascades of several sizes, from small to large.
  struct Cascades {
    let sizes: [Int]
    /// By size, then by round: nanoseconds a task.
    let nsPerTask: [[Double]]

    /// The cost of a task in the largest cascade as a multiple of that in the smallest.
    var growth: Double {
      Summary(growths).median
    }

    /// Nanoseconds a task in cascades of `size`; nil when they were not measured.
    func median(of size: Int) -> Double? {
      sizes.firstIndex(of: size).map { Summary(nsPerTask[$0]).median }
    }

    var growths: [Double] { Summary.ratios(nsPerTask[nsPerTask.count - 1], nsPerTask[0]) }

    func rows(_ what: String, _ key: String) -> [Row] {
      zip(sizes, nsPerTask).map { size, ns in
        Row(
          "\(what) with \(size) tasks, a task", "\(key)_ns_per_task", ns, .nanoseconds, [.init("tasks", .integer(size))]
        )
      } + [Row("\(what), growth", "\(key)_growth", growths, .ratio)]
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

  var rows: [Row] {
    let placing = "\(Self.placedTasks) tasks placed on \(Self.placingWorkers) workers"
    let waiting = "change while \(Self.placedTasks) wait in vain"
    return [
      Row("heartbeat of one of \(workers) workers, in batches", "heartbeat_ns", heartbeat),
      Row("the same one by one", "heartbeat_single_ns", heartbeatSingle),
      Row("report RUNNING to SUCCEEDED", "report_ns", report),
    ] + workerLost.rows("worker lost", "worker_lost") + cancel.rows("job cancelled", "cancel") + [
      Row(placing, "placements_per_s", placements, .perSecond),
      Row("\(placing), \(ControllerMix.shapes) shapes", "mixed_placements_per_s", mixedPlacements, .perSecond),
      Row(waiting, "change_ns", change),
      Row("\(waiting), \(ControllerMix.shapes) shapes", "mixed_change_ns", mixedChange),
      Row("memory of a worker, with \(memory.workers)", "bytes_per_worker", [memory.bytesPerWorker], .bytes),
      Row("memory of a task, with \(memory.tasks) placed", "bytes_per_task", [memory.bytesPerTask], .bytes),
    ]
  }
}
