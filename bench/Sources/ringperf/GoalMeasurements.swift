/// Measures everything that a goal speaks of. Benchmarks whose figures are divided by each other take turns.
struct GoalMeasurements {
  let rounds: RoundOptions
  let durationNs: UInt64
  private let clock = TickClock.calibrated()

  init(rounds: RoundOptions, durationNs: UInt64) {
    self.rounds = rounds
    self.durationNs = durationNs
  }

  func all() throws -> [Goal] {
    try rings() + dispatch() + heartbeat() + udp() + controller()
  }

  // MARK: rings

  private func rings() throws -> [Goal] {
    var arms = try RingArms.all(cpus: rounds.cpus, threads: false, clock: clock)
    let floor = try FloorBenchmark(rounds: 50_000, cpus: rounds.cpus, threads: false, clock: clock)
    let floorArm = Arm("floor", .pingpong) { .latencies(try floor.fastestCacheLineRound()) }
    let fanIn = try StreamBenchmark(
      capacity: 1024, records: 500_000, batch: 16, producers: 16, cpus: rounds.cpus, threads: false, clock: clock)
    let fanInArm = Arm("fan-in", .batch, burst: 16) { .rate(try fanIn.round()) }
    let idle = try IdlePollBenchmark(rings: 1024, clock: clock)
    let idleArm = Arm("idle", .stream) { .rate(try idle.boardRound()) }
    arms += [floorArm, fanInArm, idleArm]
    try Rounds.run(rounds, arms: arms) { _, arm, counts in try arm.run(counts: counts) }
    return ringGoals(arms, floor: floorArm)
      + [
        Goal("idle poll of 1,024 rings, each", .atMost(1.2), idleArm.figure.median, .nanoseconds),
        Goal("stream --producers 16, batches of 16", .atLeast(100e6), fanInArm.figure.median, .perSecond),
      ]
  }

  private func ringGoals(_ arms: [Arm], floor: Arm) -> [Goal] {
    func rounds(_ name: String, _ mode: Arm.Mode, _ burst: Int = 1) -> [Double]? {
      arms.first { $0.name == name && $0.mode == mode && $0.burst == burst }?.figures
    }
    func ratio(_ figures: [Double]?, _ others: [Double]?) -> Double? {
      guard let figures, let others else { return nil }
      return Summary.ratio(figures, others)
    }
    /// The best of several in each round.
    func best(_ arms: [Arm], _ choose: (Double, Double) -> Double) -> [Double]? {
      guard let first = arms.first else { return nil }
      return arms.dropFirst().reduce(first.figures) { zip($0, $1.figures).map(choose) }
    }
    let ring = RingArms.ringName
    let (dpdk, zeroCopy) = ("DPDK rte_ring", "DPDK rte_ring zero-copy")
    let trip = rounds(ring, .pingpong)
    let stream = rounds(ring, .stream)
    let others = arms.filter { $0.name != ring && $0.mode == .pingpong && $0 !== floor }
    let dpdkBursts = arms.filter { $0.name.hasPrefix(dpdk) && $0.mode == .batch }
    return [
      Goal("pingpong p50 to the bare cache line", .atMost(1.5), ratio(trip, floor.figures)),
      Goal("pingpong p50 to DPDK", .atMost(0.65), ratio(trip, rounds(dpdk, .pingpong))),
      Goal("pingpong p50 to the fastest of compare", .atMost(1), ratio(trip, best(others, min))),
      Goal("stream to the C reference ring", .atLeast(0.95), ratio(stream, rounds("C reference ring", .stream))),
      Goal("stream to Boost.Lockfree", .atLeast(4), ratio(stream, rounds("Boost.Lockfree spsc_queue", .stream))),
      Goal("stream to moodycamel", .atLeast(4), ratio(stream, rounds("moodycamel ReaderWriterQueue", .stream))),
      Goal("stream to DPDK's best bursts", .atLeast(1), ratio(stream, best(dpdkBursts, max))),
      Goal(
        "stream --batch 64 to DPDK zero-copy bursts of 256", .atLeast(1.05),
        ratio(rounds(ring, .batch, 64), rounds(zeroCopy, .batch, 256))),
    ]
  }

  // MARK: through the dispatcher

  private func dispatch() throws -> [Goal] {
    let dispatch = try DispatchBenchmark(rate: 100_000, events: 50_000, cpus: rounds.cpus, clock: clock)
    let pingPong = try PingPongBenchmark(
      capacity: RingArms.capacity, rounds: 50_000, cpus: rounds.cpus, threads: false, clock: clock)
    let arms = [
      Arm("dispatch", .pingpong) { .latencies(try dispatch.round()) },
      Arm("pingpong", .pingpong) { .latencies(try pingPong.round()) },
    ]
    try Rounds.run(rounds, arms: arms) { _, arm, counts in try arm.run(counts: counts) }
    return [
      Goal(
        "dispatch at 100k events/s, p50 to pingpong p50", .atMost(2), Summary.ratio(arms[0].figures, arms[1].figures)),
      Goal("dispatch at 100k events/s, p99", .atMost(5000), Summary(arms[0].latencies.p99).median, .nanoseconds),
    ]
  }

  private func heartbeat() throws -> [Goal] {
    let benchmarks = try [1000, 100_000, 1_000_000].map {
      try HeartbeatBenchmark(workers: $0, peers: 1, capacity: 4096, shuffled: true, cpus: rounds.cpus)
    }
    let rates = try Rounds.figures(rounds, arms: benchmarks) { try $0.round(durationNs: durationNs) }
    let medians = rates.map { Summary($0).median }
    return [
      Goal("heartbeats at 100,000 workers", .atLeast(40e6), medians[1], .perSecond),
      Goal("heartbeats at 1,000,000 workers", .atLeast(20e6), medians[2], .perSecond),
      Goal("cost of a heartbeat, 1,000,000 to 1,000 workers", .atMost(3), Summary.ratio(rates[0], rates[2])),
    ]
  }

  private func udp() throws -> [Goal] {
    let single = try UDPBenchmark(
      perDatagram: 1, cpus: rounds.cpus, ingestCPUs: Array(rounds.cpus.cpus.dropFirst()))
    let many = try UDPBenchmark(
      perDatagram: 152, cpus: rounds.cpus, ingestCPUs: Array(rounds.cpus.cpus.dropFirst()))
    let arms: [() throws -> Double] = [
      { try single.ingestRound(durationNs: durationNs) }, { try single.bareRound(durationNs: durationNs) },
      { try many.ingestRound(durationNs: durationNs) },
    ]
    let rates = try Rounds.figures(rounds, arms: arms) { try $0() }
    return [
      Goal("udp, one heartbeat a datagram, to a bare loop", .atLeast(0.8), Summary.ratio(rates[0], rates[1])),
      Goal("udp, 152 heartbeats a datagram", .atLeast(10e6), Summary(rates[2]).median, .perSecond),
    ]
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
      Goal("task report RUNNING to SUCCEEDED", .atMost(1000), Summary(figures.report).median, .nanoseconds),
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
