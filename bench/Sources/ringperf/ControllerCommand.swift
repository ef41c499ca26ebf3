import ArgumentParser
import EventJSON
import Terminal

struct ControllerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "controller",
    abstract: "What events cost the state machine alone, and what it keeps in memory.",
    discussion: """
      In this process, without rings and dispatcher. Cascades are those of one worker lost with all its tasks, and of one \
      job cancelled with all its tasks (and the jobs below it, beyond 10,000); their growth is the cost of a task in the \
      largest cascade as a multiple of that in the smallest. Memory is the allocator's account with --population workers \
      and as many placed tasks in one state; names of up to 15 bytes take none beyond it.

      JSON: heartbeat_ns, heartbeat_single_ns, report_ns, worker_lost_ns_per_task and cancel_ns_per_task (lists of rows \
      with tasks and ns_per_task), worker_lost_growth, cancel_growth, placements_per_s, mixed_placements_per_s, change_ns, \
      mixed_change_ns, bytes_per_worker, bytes_per_task, \
      live_workers, live_tasks.
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
    var report = Report(benchmark: "controller", table: figures.table)
    report.settings = [.init("workers", .integer(workers)), .init("population", .integer(population))]
    report.addSettings(rounds)
    report.add("heartbeat_ns", figures.heartbeat)
    report.add("heartbeat_single_ns", figures.heartbeatSingle)
    report.add("report_ns", figures.report)
    report.add("placements_per_s", figures.placements)
    report.add("mixed_placements_per_s", figures.mixedPlacements)
    report.add("change_ns", figures.change)
    report.add("mixed_change_ns", figures.mixedChange)
    report.figures += [
      .init("worker_lost_growth", .decimal(figures.workerLost.growth)),
      .init("cancel_growth", .decimal(figures.cancel.growth)),
      .init("bytes_per_worker", .decimal(figures.memory.bytesPerWorker)),
      .init("bytes_per_task", .decimal(figures.memory.bytesPerTask)),
      .init("live_workers", .integer(figures.memory.workers)), .init("live_tasks", .integer(figures.memory.tasks)),
    ]
    report.lists = [
      .init("worker_lost_ns_per_task", figures.workerLost.json), .init("cancel_ns_per_task", figures.cancel.json),
    ]
    try report.publish(output)
  }
}
