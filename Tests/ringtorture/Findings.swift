/// What a round found wrong.
struct Findings {
  /// Events or results that should be there.
  private(set) var lost: [String] = []
  /// Events or results that are there more than once.
  private(set) var duplicated: [String] = []
  /// Anything else that must not be.
  private(set) var wrong: [String] = []

  var isEmpty: Bool { lost.isEmpty && duplicated.isEmpty && wrong.isEmpty }

  mutating func lose(_ what: String) { lost.append(what) }
  mutating func duplicate(_ what: String) { duplicated.append(what) }
  mutating func object(_ what: String) { wrong.append(what) }

  /// For people: the first of each kind.
  func lines(atMost limit: Int = 10) -> [String] {
    [("lost", lost), ("duplicated", duplicated), ("wrong", wrong)].flatMap { kind, all in
      all.prefix(limit).map { "\(kind): \($0)" } + (all.count > limit ? ["\(kind): \(all.count - limit) more"] : [])
    }
  }
}
