import EventModel

/// A worker that gets no tasks, by order of an operator.
struct Drain: Sendable {
  var reason: String?
  /// The user who ordered it.
  var submitter: String?
  var startedMs: Int64
  /// How long from then on its tasks may run; nil when they may run on, and once they were cut off.
  var graceMs: Int64?

  var endsMs: Int64? { graceMs.map { startedMs + $0 } }
}

/// The drains, by the names of the workers, which need not be registered.
struct DrainTable: Sendable {
  private(set) var byName: [ByteText: Drain] = [:]
  /// When the first grace is over.
  private(set) var nextEndMs: Int64?
  private(set) var digestSum: UInt64 = 0

  var isEmpty: Bool { byName.isEmpty }

  subscript(name: String) -> Drain? {
    get { byName.isEmpty ? nil : byName[ByteText(name)] }
    set {
      let key = ByteText(name)
      if let before = byName[key] { digestSum &-= Self.digest(key, before) }
      if let newValue { digestSum &+= Self.digest(key, newValue) }
      byName[key] = newValue
      findNextEnd()
    }
  }

  private mutating func findNextEnd() {
    nextEndMs = nil
    for drain in byName.values {
      if let endsMs = drain.endsMs { nextEndMs = min(nextEndMs ?? endsMs, endsMs) }
    }
  }

  /// In the order of the names.
  var inNameOrder: [(name: String, drain: Drain)] {
    byName.map { ($0.key.text, $0.value) }.sorted { $0.0.precedes($1.0) }
  }

  /// The controller did not run for a while, up to `endMs`.
  mutating func shift(byStallMs stalledMs: Int64, endMs: Int64) {
    for (name, drain) in inNameOrder where drain.graceMs != nil {
      var shifted = drain
      shifted.startedMs = max(drain.startedMs, min(drain.startedMs + stalledMs, endMs))
      self[name] = shifted
    }
  }

  private static func digest(_ name: ByteText, _ drain: Drain) -> UInt64 {
    var digest = StateDigest(.drain)
    digest.add(name.text)
    digest.add(drain.reason)
    digest.add(drain.submitter)
    digest.add(drain.startedMs)
    digest.add(drain.graceMs)
    return digest.finished
  }

  /// `digestSum`, made of the drains alone.
  var recomputedDigestSum: UInt64 {
    byName.reduce(0) { $0 &+ Self.digest($1.key, $1.value) }
  }
}
