import Foundation

/// The middle and the spread of a benchmark's rounds.
///
/// The median, because a noisy machine slows some rounds and speeds up none; the quartiles, because a mean of deviations
/// would be the noise's.
struct Summary: Hashable, Sendable {
  let median: Double
  let lowerQuartile: Double
  let upperQuartile: Double
  let least: Double
  let most: Double
  let count: Int

  /// - Parameter values: of the rounds; at least one.
  init(_ values: [Double]) {
    precondition(!values.isEmpty, "a summary is of at least one round")
    let sorted = values.sorted()
    median = Summary.quantile(0.5, of: sorted)
    lowerQuartile = Summary.quantile(0.25, of: sorted)
    upperQuartile = Summary.quantile(0.75, of: sorted)
    least = sorted[0]
    most = sorted[sorted.count - 1]
    count = sorted.count
  }

  /// The distance between the quartiles as a share of the median: 0.1 is ten percent.
  var spread: Double {
    median == 0 ? 0 : (upperQuartile - lowerQuartile) / median
  }

  var spreadText: String { String(format: "±%.1f%%", spread * 50) }

  /// How two things that took turns compare: the median of their ratios, round by round. A machine that changes its pace
  /// from round to round (a host that moves a virtual processor) changes it for both; the ratio of two medians might
  /// compare one pace with the other.
  ///
  /// - Parameters:
  ///   - figures: of the rounds, in order.
  ///   - others: of the same rounds.
  static func ratio(_ figures: [Double], _ others: [Double]) -> Double {
    Summary(ratios(figures, others)).median
  }

  /// The ratios of the rounds.
  static func ratios(_ figures: [Double], _ others: [Double]) -> [Double] {
    precondition(figures.count == others.count, "both took part in every round")
    return zip(figures, others).map { $0 / $1 }
  }

  /// By linear interpolation between the two values around it.
  ///
  /// - Parameters:
  ///   - q: 0 to 1.
  ///   - sorted: ascending, not empty.
  static func quantile(_ q: Double, of sorted: [Double]) -> Double {
    let place = q * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
  }
}
