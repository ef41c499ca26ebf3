import EventJSON
import EventModel

/// What came of a stream of NDJSON.
public struct NDJSONSummary: Hashable, Sendable {
  /// Lines that were not blank.
  public internal(set) var lines = 0
  /// Events in the ring.
  public internal(set) var published = 0
  public internal(set) var applied = 0
  public internal(set) var ignored = 0
  public internal(set) var rejected: [RejectionReason: Int] = [:]
  /// By middleware.
  public internal(set) var dropped = 0
  public internal(set) var deadLettered = 0
  /// Lines that are no event.
  public internal(set) var badLines = 0
  /// Published events whose results did not come: they may have been applied.
  public internal(set) var unanswered = 0
  /// Events that were read and are in no ring: a line each, also one that was cut short.
  public internal(set) var unpublished = 0
  /// The ingest was asked to stop.
  public internal(set) var isStopped = false
  /// Why the stream was not read to its end; nil when it was.
  public internal(set) var interruption: String?

  public init() {}

  public var rejections: Int {
    rejected.values.reduce(0, +)
  }

  /// Every line was an event and what came of it is known. That the controller rejected some is a result like any other.
  public var isComplete: Bool {
    badLines == 0 && unanswered == 0 && unpublished == 0 && interruption == nil
  }

  mutating func count(_ disposition: DispatchResult.Disposition) {
    switch disposition {
    case .dropped: dropped += 1
    case .deadLettered: deadLettered += 1
    case .handled(let transaction):
      switch transaction.outcome {
      case .applied: applied += 1
      case .ignored: ignored += 1
      case .rejected(let reason): rejected[reason, default: 0] += 1
      }
    }
  }

  /// The rejections, in the order of the vocabulary.
  private var rejectionsByReason: [(reason: RejectionReason, count: Int)] {
    RejectionReason.allCases.compactMap { reason in rejected[reason].map { (reason, $0) } }
  }

  /// One line, for people.
  public var text: String {
    var parts = ["\(applied) applied", "\(ignored) ignored"]
    let reasons = rejectionsByReason.map { "\($0.reason.name) \($0.count)" }.joined(separator: ", ")
    parts.append(reasons.isEmpty ? "0 rejected" : "\(rejections) rejected (\(reasons))")
    if dropped > 0 { parts.append("\(dropped) dropped") }
    if deadLettered > 0 { parts.append("\(deadLettered) dead-lettered") }
    if unanswered > 0 { parts.append("\(unanswered) unanswered") }
    if unpublished > 0 { parts.append("\(unpublished) not published") }
    return "\(lines) lines, \(badLines) bad; \(published) events published: \(parts.joined(separator: ", "))"
  }

  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("lines", .integer(lines)),
      .init("published", .integer(published)),
      .init("applied", .integer(applied)),
      .init("ignored", .integer(ignored)),
      .init("rejected", .object(rejectionsByReason.map { .init($0.reason.name, .integer($0.count)) })),
      .init("dropped", .integer(dropped)),
      .init("dead_lettered", .integer(deadLettered)),
      .init("bad_lines", .integer(badLines)),
      .init("unanswered", .integer(unanswered)),
      .init("unpublished", .integer(unpublished)),
    ]
    if let interruption { members.append(.init("interruption", .string(interruption))) }
    return .object(members)
  }
}
