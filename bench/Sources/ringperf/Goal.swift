import EventJSON

/// A figure that was promised, and what it came to.
struct Goal {
  let what: String
  let bound: Bound
  /// nil when it could not be measured here.
  let measured: Double?
  let unit: Unit

  enum Bound {
    case atLeast(Double)
    case atMost(Double)

    var value: Double {
      switch self {
      case .atLeast(let value), .atMost(let value): value
      }
    }
  }

  enum Unit {
    case ratio
    case perSecond
    case nanoseconds
    case bytes

    func text(_ value: Double) -> String {
      switch self {
      case .ratio: Figures.ratio(value)
      case .perSecond: Figures.perSecond(value)
      case .nanoseconds: Figures.ns(value)
      case .bytes: "\(Int(value.rounded())) bytes"
      }
    }

    /// For the JSON.
    var name: String {
      switch self {
      case .ratio: "ratio"
      case .perSecond: "per_s"
      case .nanoseconds: "ns"
      case .bytes: "bytes"
      }
    }
  }

  init(_ what: String, _ bound: Bound, _ measured: Double?, _ unit: Unit = .ratio) {
    self.what = what
    self.bound = bound
    self.measured = measured
    self.unit = unit
  }

  /// nil when it was not measured.
  var isMet: Bool? {
    guard let measured else { return nil }
    return switch bound {
    case .atLeast(let value): measured >= value
    case .atMost(let value): measured <= value
    }
  }

  var boundText: String {
    switch bound {
    case .atLeast(let value): "≥ \(unit.text(value))"
    case .atMost(let value): "≤ \(unit.text(value))"
    }
  }

  var json: JSONValue {
    .object([
      .init("what", .string(what)), .init("unit", .string(unit.name)),
      .init(
        { if case .atLeast = bound { "at_least" } else { "at_most" } }(), .decimal(bound.value)),
      .init("measured", measured.map { .decimal($0) } ?? .null),
      .init("met", isMet.map { .boolean($0) } ?? .null),
    ])
  }
}
