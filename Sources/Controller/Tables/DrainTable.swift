import EventModel

/// A worker that gets no tasks, by order of an operator.
struct Drain: Sendable {
  var reason: String?
  /// The user who ordered it.
  var submitter: String?
  var startedMs: Int64
  /// How long from then on its tasks may run; nil when they may run on, and once they were cut off.
  var graceMs: Int64?
  /// The registered worker that has the grace. No part of the state.
  var worker = noSlot

  var endsMs: Int64? { graceMs.map { startedMs + $0 } }

  fileprivate var end: DrainEnd? {
    guard let endsMs, worker != noSlot else { return nil }
    return DrainEnd(endsMs: endsMs, worker: worker)
  }
}

/// When the grace of a worker is over.
struct DrainEnd: Comparable, BitwiseCopyable, Sendable {
  let endsMs: Int64
  let worker: UInt32

  static func < (left: DrainEnd, right: DrainEnd) -> Bool {
    (left.endsMs, left.worker) < (right.endsMs, right.worker)
  }
}

/// The drains, by the names of the workers, which need not be registered.
struct DrainTable: ~Copyable, Sendable {
  private(set) var byName: [ByteText: Drain] = [:]
  /// The graces that are not over, the earliest first.
  private(set) var ends = SortedKeys<DrainEnd>()
  private(set) var digestSum: UInt64 = 0

  var isEmpty: Bool { byName.isEmpty }

  subscript(name: String) -> Drain? {
    get { byName.isEmpty ? nil : byName[ByteText(name)] }
    set {
      let key = ByteText(name)
      if let before = byName[key] {
        digestSum &-= Self.digest(key, before)
        if let end = before.end { ends.remove(end) }
      }
      if let newValue {
        digestSum &+= Self.digest(key, newValue)
        if let end = newValue.end { ends.insert(end) }
      }
      byName[key] = newValue
    }
  }

  /// In the order of the names.
  var inNameOrder: [(name: String, drain: Drain)] {
    byName.map { ($0.key.text, $0.value) }.sorted { $0.0.precedes($1.0) }
  }

  /// The controller did not run for a while, up to `endMs`.
  mutating func shift(byStallMs stalledMs: Int64, endMs: Int64) {
    for (name, drain) in byName where drain.graceMs != nil {
      var shifted = drain
      shifted.startedMs = max(drain.startedMs, min(drain.startedMs + stalledMs, endMs))
      self[name.text] = shifted
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
