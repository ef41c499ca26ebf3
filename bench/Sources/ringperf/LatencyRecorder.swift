import Histogram

/// The latencies of one round or of many, in nanoseconds, to three significant digits.
struct LatencyHistogram: Sendable {
  private var histogram: Histogram<UInt64>

  /// Longer than any latency that is not a hang.
  static let longestNs: UInt64 = 60_000_000_000

  init() {
    histogram = Histogram(highestTrackableValue: Self.longestNs, numberOfSignificantValueDigits: .three)
  }

  mutating func record(ns: UInt64) {
    histogram.record(min(ns, Self.longestNs))
  }

  mutating func add(_ other: LatencyHistogram) {
    histogram.add(other.histogram)
  }

  func percentile(_ percent: Double) -> Double {
    Double(histogram.valueAtPercentile(percent))
  }

  var count: UInt64 {
    histogram.totalCount
  }

  /// The table that HdrHistogram's plotters read, in nanoseconds.
  var percentileDistribution: String {
    var text = ""
    histogram.outputPercentileDistribution(to: &text, outputValueUnitScalingRatio: 1)
    return text
  }
}

/// The latencies of one round, and apart those of samples that no interruption of the machine fell into.
struct LatencyRecorder: Sendable {
  private(set) var all = LatencyHistogram()
  /// nil where interruptions are not noticed.
  private(set) var calm: LatencyHistogram?

  init() {}

  mutating func record(ns: UInt64) {
    all.record(ns: ns)
  }

  mutating func record(ns: UInt64, isInterrupted: Bool) {
    all.record(ns: ns)
    if calm == nil { calm = LatencyHistogram() }
    if !isInterrupted { calm?.record(ns: ns) }
  }

  func percentile(_ percent: Double) -> Double { all.percentile(percent) }
}

/// Percentiles round by round, and all rounds merged.
struct LatencyPercentiles {
  private(set) var p50: [Double] = []
  private(set) var p99: [Double] = []
  private(set) var p999: [Double] = []
  private(set) var merged = LatencyHistogram()

  mutating func add(_ round: LatencyHistogram) {
    p50.append(round.percentile(50))
    p99.append(round.percentile(99))
    p999.append(round.percentile(99.9))
    merged.add(round)
  }
}

/// What is reported of latencies over the rounds.
struct LatencyRounds {
  private(set) var all = LatencyPercentiles()
  /// Without interrupted samples; nil where there are no others, and where interruptions are not noticed.
  private(set) var calm: LatencyPercentiles?
  /// Of all samples, round by round.
  private(set) var interruptedShare: [Double] = []

  mutating func add(_ round: LatencyRecorder) {
    all.add(round.all)
    guard let without = round.calm else { return }
    interruptedShare.append(1 - Double(without.count) / Double(max(round.all.count, 1)))
    guard without.count > 0 else { return }
    calm = calm ?? LatencyPercentiles()
    calm?.add(without)
  }
}
