import ArgumentParser

/// Where the figures go.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object with stable keys instead of the table.")
  var json = false
}

/// How often it is measured, and where.
struct RoundOptions: ParsableArguments {
  @Option(help: "Rounds that count; what is compared takes turns, round by round.")
  var repeats = 7

  @Option(help: "Rounds before those, which do not count.")
  var warmup = 1

  @Option(help: "Processors: the first for the side that measures, the second for the other; or any.")
  var cpus = CPUList.firstTwo

  static let repeatLimits = 1...10_000

  func validate() throws {
    guard Self.repeatLimits.contains(repeats) else {
      throw ValidationError("--repeats: expected 1 to 10000, got \(repeats)")
    }
    guard warmup >= 0, warmup <= Self.repeatLimits.upperBound else {
      throw ValidationError("--warmup: expected 0 to 10000, got \(warmup)")
    }
  }
}

/// The whole distribution of latencies.
struct HistogramOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the latencies as an HdrHistogram percentile distribution.", valueName: "file"))
  var hdr: String?
}

/// A power of two from the ring's limits.
struct RingCapacity: ExpressibleByArgument, Hashable, CustomStringConvertible {
  let slots: Int

  init?(argument: String) {
    guard let slots = Int(argument), (64...(1 << 20)).contains(slots), slots & (slots - 1) == 0 else { return nil }
    self.slots = slots
  }

  init(_ slots: Int) {
    self.slots = slots
  }

  var description: String {
    String(slots)
  }
}

/// Several counts, as `1000,100000`.
struct CountList: ExpressibleByArgument, Hashable, CustomStringConvertible {
  let counts: [Int]

  init?(argument: String) {
    let counts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !counts.isEmpty, counts.allSatisfy({ ($0 ?? 0) > 0 }) else { return nil }
    self.counts = counts.compactMap { $0 }
  }

  init(_ counts: [Int]) {
    self.counts = counts
  }

  var description: String {
    counts.map(String.init).joined(separator: ",")
  }
}

/// Refuses a count that is not possible.
func expect(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
  guard range.contains(value) else {
    throw ValidationError("\(option): expected \(range.lowerBound) to \(range.upperBound), got \(value)")
  }
}
