import EventJSON
import Journal
import Presentation
import Terminal

/// What `ringctl journal verify` prints.
struct VerificationReport {
  private let found: JournalVerification
  private let folder: String
  private let writer: Int32?

  init(_ found: JournalVerification, folder: String) {
    self.found = found
    self.folder = folder
    writer = JournalLock.holder(folder: folder)
  }

  // MARK: For people

  func lines(_ paint: Paint) -> [String] {
    let end = found.end
    var lines = [
      "journal    \(folder)" + (found.journal.map { ", id \($0)" } ?? ""),
      "read       \(found.commits) commits with \(found.records) records, \(HumanNumber.bytes(found.bytes)) in "
        + "\(found.segments) \(found.segments == 1 ? "segment" : "segments")",
      "replayed   \(replayText)", "snapshots  \(snapshotText)",
      "end        commit \(end.commit), transaction \(end.lastTransaction)"
        + (found.timeMs.map { ", \(Instant(ms: $0).text)" } ?? ""),
    ]
    if found.tornBytes > 0 { lines.append("tail       \(tailText)") }
    lines += found.snapshots.compactMap { $0.damage.map { paint("damage     ", .bold, .red) + "\($0)" } }
    lines += found.losses.map { loss in
      guard let commit = loss.salvagedBy else { return paint("damage     ", .bold, .red) + "\(loss)" }
      return "salvaged   by commit \(commit): \(loss)"
    }
    if let other = found.otherRules { lines.append("not read   \(other)") }
    if let divergence = found.salvagedDivergence { lines.append("salvaged   \(divergence)") }
    if let divergence = found.divergence { lines.append(paint("differs    ", .bold, .red) + "\(divergence)") }
    lines.append(found.isWhole ? paint("whole", .bold, .green) : paint("not whole", .bold, .red) + ": \(startText)")
    return lines
  }

  private var startText: String {
    found.startFailure.map { "no dispatcher can start: \($0)" }
      ?? "but a dispatcher can start: it does not need the damaged parts"
  }

  private var replayText: String {
    switch found.replay {
    case .impossible:
      "nothing: the journal begins with commit \(found.beginning.commit + 1), and no whole snapshot tells the state "
        + "there"
    case .from(commit: 0, _): "from the beginning, every state hash as recorded" + exception
    case .from(let commit, let transaction):
      "from the snapshot of commit \(commit), transaction \(transaction); what came before was let go" + exception
    }
  }

  private var exception: String {
    found.divergence == nil ? "" : ", up to the transaction that differs"
  }

  private var snapshotText: String {
    guard !found.snapshots.isEmpty else { return "none" }
    return found.snapshots.map { "\($0.commit)" + ($0.damage == nil ? "" : " (damaged)") }.joined(separator: ", ")
  }

  private var tailText: String {
    let bytes = "\(found.tornBytes) bytes of a commit that is not complete: "
    return bytes
      + (writer.map { "process \($0) is writing it" }
        ?? "a crash tore it before any result was sent, and the next start cuts it off")
  }

  // MARK: For programs

  var json: JSONValue {
    .object(extent + replay + findings)
  }

  private var extent: [JSONValue.Member] {
    [
      .init("whole", .boolean(found.isWhole)),
      .init("can_start", .boolean(found.startFailure == nil)),
      .init("journal", .text(found.journal.map { "\($0)" })),
      .init("first_commit", .integer(found.beginning.commit + 1)),
      .init("last_commit", .integer(found.end.commit)),
      .init("last_transaction", .integer(found.end.lastTransaction)),
      .init("records", .integer(found.records)),
      .init("segments", .integer(found.segments)),
      .init("bytes", .integer(found.bytes)),
    ]
  }

  private var replay: [JSONValue.Member] {
    var from: (commit: JSONValue, transaction: JSONValue) = (.null, .null)
    if case .from(let commit, let transaction) = found.replay { from = (.integer(commit), .integer(transaction)) }
    return [
      .init("replayed_from_commit", from.commit),
      .init("replayed_from_txn", from.transaction),
      .init("state_hash", .text(found.stateHash.map { String($0, radix: 16) })),
      .init("now_ms", found.timeMs.map { .integer($0) } ?? .null),
    ]
  }

  private var findings: [JSONValue.Member] {
    let damage = found.losses.map(\.json) + found.snapshots.compactMap { $0.damage?.json }
    return [
      .init("torn_bytes", .integer(found.tornBytes)),
      .init("writer", writer.map { .integer($0) } ?? .null),
      .init("snapshots", .array(found.snapshots.map(\.json))),
      .init("damage", .array(damage)),
      .init("other_rules", found.otherRules.map { .string("\($0)") } ?? .null),
      .init("divergence", found.divergence?.json ?? .null),
    ]
  }
}

extension JournalVerification.CheckedSnapshot {
  fileprivate var json: JSONValue {
    .object([.init("commit", .integer(commit)), .init("whole", .boolean(damage == nil))])
  }
}

extension JournalDamage {
  fileprivate var json: JSONValue { .object(members) }

  fileprivate var members: [JSONValue.Member] {
    [
      .init("file", .string(file)), .init("offset", .integer(offset)), .init("expected", .string(expected)),
      .init("came", .string(actual)),
    ]
  }
}

extension JournalLoss {
  /// The commits that cannot be read: null for all that follow.
  fileprivate var json: JSONValue {
    func bounds(_ range: Range<UInt64>?) -> JSONValue {
      range.map { .array([.integer($0.lowerBound), .integer($0.upperBound - 1)]) } ?? .null
    }
    return .object(
      damage.members + [
        .init("lost_commits", bounds(commits)), .init("lost_records", bounds(records)),
        .init("salvaged_by", salvagedBy.map { .integer($0) } ?? .null),
      ])
  }
}

extension JournalDivergence {
  fileprivate var json: JSONValue {
    .object([
      .init("commit", .integer(commit)), .init("first_txn", .integer(transactions.lowerBound)),
      .init("last_txn", .integer(transactions.upperBound)), .init("expected", .string(expected)),
      .init("came", .string(actual)),
    ])
  }
}
