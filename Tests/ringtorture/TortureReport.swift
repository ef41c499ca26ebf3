import EventJSON

/// What all rounds came to.
struct TortureReport {
  struct Failure {
    let round: Int
    let seed: UInt64
    let folder: String
    let lines: [String]
  }

  let seed: UInt64
  private var rounds = 0
  private var kills: [KillPlace: Int] = [:]
  private var missedFailPoints = 0
  private var events = 0
  private var results = 0
  private var transactions: UInt64 = 0
  private var lost = 0
  private var duplicated = 0
  private var wrong = 0
  private var failures: [Failure] = []

  init(seed: UInt64) {
    self.seed = seed
  }

  var isClean: Bool { lost == 0 && duplicated == 0 && wrong == 0 }

  mutating func add(_ round: Round, number: Int) {
    rounds += 1
    kills.merge(round.kills) { $0 + $1 }
    missedFailPoints += round.dispatcher.missedFailPoints
    events += round.begun
    results += round.answered
    transactions += round.transactions
    lost += round.findings.lost.count
    duplicated += round.findings.duplicated.count
    wrong += round.findings.wrong.count
    guard !round.findings.isEmpty else { return }
    failures.append(
      Failure(round: number, seed: round.plan.seed, folder: round.folder, lines: round.findings.lines()))
  }

  var json: JSONValue {
    .object([
      .init("rounds", .integer(rounds)), .init("seed", .integer(seed)),
      .init("kills", .object(KillPlace.allCases.map { .init($0.rawValue, .integer(kills[$0] ?? 0)) })),
      .init("missed_fail_points", .integer(missedFailPoints)), .init("events", .integer(events)),
      .init("results", .integer(results)),
      .init("transactions", .integer(transactions)), .init("lost", .integer(lost)),
      .init("duplicated", .integer(duplicated)), .init("wrong", .integer(wrong)),
      .init(
        "failed_rounds",
        .array(
          failures.map { failure in
            .object([
              .init("round", .integer(failure.round)), .init("folder", .string(failure.folder)),
              .init("findings", .array(failure.lines.map { .string($0) })),
            ])
          })),
    ])
  }

  var text: String {
    let places = KillPlace.allCases.compactMap { place in kills[place].map { "\(place.rawValue) \($0)" } }
    var lines = [
      "\(rounds) rounds, seed \(seed): \(events) events, \(results) results, \(transactions) transactions",
      "kills: \(places.joined(separator: ", ")); \(missedFailPoints) fail points were not reached in time",
      "lost \(lost), duplicated \(duplicated), wrong \(wrong)",
    ]
    for failure in failures {
      lines.append("round \(failure.round) failed; repeat it with --seed \(seed) --round \(failure.round)")
      lines.append("  its journal and logs are in \(failure.folder)")
      lines += failure.lines.map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}
