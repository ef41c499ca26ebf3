import Histogram

/// The latencies of one round or of many, in nanoseconds, to three significant digits.
struct LatencyRecorder: Sendable {
  private(set) var histogram: Histogram<UInt64>

  /// Longer than any latency that is not a hang.
  static let longestNs: UInt64 = 60_000_000_000

  init() {
    histogram = Histogram(highestTrackableValue: Self.longestNs, numberOfSignificantValueDigits: .three)
  }

  mutating func record(ns: UInt64) {
    histogram.record(min(ns, Self.longestNs))
  }

  mutating func add(_ other: LatencyRecorder) {
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

/// The percentiles that are told of each round.
struct LatencyRounds {
  private(set) var p50: [Double] = []
  private(set) var p99: [Double] = []
  private(set) var p999: [Double] = []
  private(set) var merged = LatencyRecorder()

  mutating func add(_ round: LatencyRecorder) {
    p50.append(round.percentile(50))
    p99.append(round.percentile(99))
    p999.append(round.percentile(99.9))
    merged.add(round)
  }
}
