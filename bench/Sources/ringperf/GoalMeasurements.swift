/// Measures everything that a goal speaks of. Benchmarks whose figures are divided by each other take turns.
struct GoalMeasurements {
  let rounds: RoundOptions
  let durationNs: UInt64
  let folder: String
  /// Those in memory: none in the kernel comes near.
  private static let peers = ["reference", "dpdk", "boost", "moodycamel"]
  private(set) var goals: [Goal] = []
  private(set) var charts: [Chart] = []
  private let clock = TickClock.calibrated()
  /// Latencies by percentile, of one diagram.
  private var curves: [Chart.Line] = []

  init(rounds: RoundOptions, durationNs: UInt64, folder: String) {
    self.rounds = rounds
    self.durationNs = durationNs
    self.folder = folder
  }

  mutating func measure() throws {
    try rings()
    try dispatch()
    try heartbeat()
    try udp()
    goals += try controller()
    try journal()
    charts.insert(Chart("Latency by percentile", x: .percentile, y: .nanoseconds, curves), at: 0)
  }

  // MARK: rings

  private mutating func rings() throws {
    var arms = try RingArms.all(cpus: rounds.cpus, threads: false, clock: clock, designs: Self.peers)
    let floor = try FloorBenchmark(rounds: 50_000, cpus: rounds.cpus, threads: false, clock: clock)
    let floorArm = Arm("floor", .pingpong) { .latencies(try floor.fastestCacheLineRound()) }
    let fanIn = try StreamBenchmark(
      capacity: 1024, records: 500_000, batch: 16, producers: 16, cpus: rounds.cpus, threads: false, clock: clock)
    let fanInArm = Arm("fan-in", .batch, burst: 16) { .rate(try fanIn.round()) }
    let idle = try IdlePollBenchmark(rings: 1024, clock: clock)
    let idleArm = Arm("idle", .stream) { .rate(try idle.boardRound()) }
    let peers = arms
    arms += [floorArm, fanInArm, idleArm]
    try Rounds.run(rounds, arms: arms) { _, arm, counts in try arm.run(counts: counts) }
    goals += ringGoals(peers, floor: floorArm)
    goals += [
      Goal("stream --producers 16, batches of 16", .atLeast(100e6), fanInArm.figure.median, .perSecond),
      Goal("idle poll of 1,024 rings, each", .atMost(1.2), idleArm.figure.median, .nanoseconds),
    ]
    curves.append(Chart.Line(name: "bare cache line", points: floorArm.latencies.all.merged.curve))
    let rings = peers.filter { $0.mode != .pingpong }
    var names: [String] = []
    for arm in rings where !names.contains(arm.name) { names.append(arm.name) }
    charts.append(
      Chart(
        "Records a second by burst", x: .count, y: .perSecond,
        names.map { name in
          Chart.Line(
            name: name, points: rings.filter { $0.name == name }.map { (Double($0.burst), $0.figure.median) })
        }))
  }

  private func ringGoals(_ arms: [Arm], floor: Arm) -> [Goal] {
    func ring(_ mode: Arm.Mode, _ burst: Int = 1) -> [Double] {
      arms.first { $0.name == RingArms.ringName && $0.mode == mode && $0.burst == burst }?.figures ?? []
    }
    /// The ring's rounds to the best of the others in each; nil without others.
    func ratio(_ mode: Arm.Mode, _ burst: Int = 1, best: (Double, Double) -> Double) -> Double? {
      let others = arms.filter { $0.name != RingArms.ringName && $0.mode == mode && $0.burst == burst }
      guard let first = others.first else { return nil }
      return Summary.ratio(
        ring(mode, burst), others.dropFirst().reduce(first.figures) { zip($0, $1.figures).map(best) })
    }
    return [
      Goal("ring, there and back, to the bare cache line", .atMost(1.6), Summary.ratio(ring(.pingpong), floor.figures)),
      Goal("ring, there and back, to the fastest other", .atMost(1), ratio(.pingpong, best: min)),
      Goal("ring, one at a time, to the fastest other", .atLeast(1.05), ratio(.stream, best: max)),
    ]
      + RingArms.bursts.map {
        Goal("ring, bursts of \($0), to the fastest other", .atLeast(1.05), ratio(.batch, $0, best: max))
      }
  }

  // MARK: through the dispatcher

  private mutating func dispatch() throws {
    let dispatch = try DispatchBenchmark(rate: 100_000, events: 50_000, cpus: rounds.cpus, clock: clock)
    let pingPong = try PingPongBenchmark(
      capacity: RingArms.capacity, rounds: 50_000, cpus: rounds.cpus, threads: false, clock: clock)
    let latencies = try Rounds.latencies(rounds, arms: [dispatch.round, pingPong.round])
    let (results, trips) = (latencies[0], latencies[1])
    goals += [
      Goal("event to result, p50 to bare rings", .atMost(2.5), Summary.ratio(results.all.p50, trips.all.p50)),
      Goal(
        "event to result, p99 without interruptions", .atMost(5000), results.calm.map { Summary($0.p99).median },
        .nanoseconds),
    ]
    curves += [
      Chart.Line(name: "ring, there and back", points: trips.all.merged.curve),
      Chart.Line(name: "event to result", points: results.all.merged.curve),
      Chart.Line(name: "event to result, uninterrupted", points: results.calm?.merged.curve ?? []),
    ]
  }

  private mutating func heartbeat() throws {
    let fleets = [1000, 100_000, 1_000_000]
    let benchmarks = try fleets.map {
      try HeartbeatBenchmark(workers: $0, peers: 1, capacity: 4096, shuffled: true, cpus: rounds.cpus)
    }
    let durationNs = durationNs
    let rates = try Rounds.figures(rounds, arms: benchmarks) { try $0.round(durationNs: durationNs) }
    let medians = rates.map { Summary($0).median }
    goals += [
      Goal("heartbeats at 100,000 workers", .atLeast(60e6), medians[1], .perSecond),
      Goal("heartbeats at 1,000,000 workers", .atLeast(40e6), medians[2], .perSecond),
      Goal("cost of a heartbeat, 1,000,000 to 1,000 workers", .atMost(3), Summary.ratio(rates[0], rates[2])),
    ]
    charts.append(
      Chart(
        "Cost of a heartbeat by fleet", x: .count, y: .nanoseconds,
        [Chart.Line(name: "heartbeat", points: zip(fleets, medians).map { (Double($0), 1e9 / $1) })]))
  }

  private mutating func udp() throws {
    let cpus = Array(rounds.cpus.cpus.dropFirst())
    let single = try UDPBenchmark(perDatagram: 1, cpus: rounds.cpus, ingestCPUs: cpus)
    let many = try UDPBenchmark(perDatagram: 152, cpus: rounds.cpus, ingestCPUs: cpus)
    let durationNs = durationNs
    let arms: [() throws -> Double] = [
      { try single.ingestRound(durationNs: durationNs) }, { try single.bareRound(durationNs: durationNs) },
      { try many.ingestRound(durationNs: durationNs) },
    ]
    let rates = try Rounds.figures(rounds, arms: arms) { try $0() }
    goals += [
      Goal("udp, one heartbeat a datagram, to a bare loop", .atLeast(0.8), Summary.ratio(rates[0], rates[1])),
      Goal("udp, 152 heartbeats a datagram", .atLeast(40e6), Summary(rates[2]).median, .perSecond),
    ]
  }

  // MARK: the journal

  private mutating func journal() throws {
    let figures = try JournalFigures(
      clients: [64], batches: [64, 256], events: 500, durationNs: durationNs, folder: folder, rounds: rounds)
    goals += figures.goals
    curves += figures.latencies.prefix(2).map { Chart.Line(name: $0.what, points: $0.rounds.all.merged.curve) }
    let restart = try RestartBenchmark(
      JournalFixture(workers: 100_000, tasks: 100_000, tailEvents: 1000, parent: folder))
    let times = try Rounds.figures(rounds, arms: [0]) { _ in try restart.round() }[0]
    goals.append(Goal("restart with 100,000 workers and tasks", .atMost(100), Summary(times).median, .milliseconds))
  }

  // MARK: the state machine alone

  private func controller() throws -> [Goal] {
    let (few, many) = (1000, 100_000)
    let figures = try ControllerFigures(
      workers: 100_000, cascades: [few, 10_000, many], population: 1_000_000, rounds: rounds)
    func cascade(_ what: String, _ cascades: ControllerFigures.Cascades) -> [Goal] {
      [
        Goal("\(what) with 10,000 tasks, a task", .atMost(1000), cascades.median(of: 10_000), .nanoseconds),
        Goal("\(what), a task of 100,000 to one of 1,000", .atMost(1.5), cascades.growth),
      ]
    }
    return [
      Goal("heartbeat applied, 100,000 workers", .atMost(25), Summary(figures.heartbeat).median, .nanoseconds),
      Goal("task report RUNNING to SUCCEEDED", .atMost(700), Summary(figures.report).median, .nanoseconds),
    ] + cascade("worker lost", figures.workerLost) + cascade("job cancelled", figures.cancel) + [
      Goal("placements", .atLeast(500_000), Summary(figures.placements).median, .perSecond),
      Goal("placements of 20 shapes", .atLeast(500_000), Summary(figures.mixedPlacements).median, .perSecond),
      Goal("change while 100,000 wait", .atMost(50_000), Summary(figures.change).median, .nanoseconds),
      Goal("change while 20 shapes wait", .atMost(50_000), Summary(figures.mixedChange).median, .nanoseconds),
      Goal("memory of a worker, 1,000,000 of them", .atMost(200), figures.memory.bytesPerWorker, .bytes),
      Goal("memory of a task, 1,000,000 of them", .atMost(200), figures.memory.bytesPerTask, .bytes),
    ]
  }
}
