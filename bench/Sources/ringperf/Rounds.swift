/// Runs what is compared in turns, so that a machine that grows slower or faster meanwhile does so to all alike.
enum Rounds {
  /// Calls each of `arms` once a round.
  ///
  /// - Parameter body: of one arm; `counts` is false in the warm-up.
  static func run<Arm>(_ options: RoundOptions, arms: [Arm], _ body: (Int, Arm, _ counts: Bool) throws -> Void) throws {
    for round in 0..<(options.warmup + options.repeats) {
      for (index, arm) in arms.enumerated() { try body(index, arm, round >= options.warmup) }
    }
  }

  /// The figures of each arm, round by round.
  static func figures<Arm>(
    _ options: RoundOptions, arms: [Arm], _ body: (Arm) throws -> Double
  ) throws -> [[Double]] {
    var figures = [[Double]](repeating: [], count: arms.count)
    try run(options, arms: arms) { index, arm, counts in
      let figure = try body(arm)
      if counts { figures[index].append(figure) }
    }
    return figures
  }

  /// The latencies of each arm over the rounds.
  static func latencies(_ options: RoundOptions, arms: [() throws -> LatencyRecorder]) throws -> [LatencyRounds] {
    var latencies = [LatencyRounds](repeating: LatencyRounds(), count: arms.count)
    try run(options, arms: arms) { index, arm, counts in
      let round = try arm()
      if counts { latencies[index].add(round) }
    }
    return latencies
  }
}
