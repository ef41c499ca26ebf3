import Controller
import EventJSON
import EventModel
import Journal
import Simulator

/// Tells a journal's events as the lines of a script.
struct JournalDump: ~Copyable {
  private let from: JournalReplica.Limit?
  private let until: JournalReplica.Limit?
  private let peersOnly: Bool
  /// Knows what handles mean, for `peersOnly`.
  private var controller = ScriptedController(configuration: ControllerConfiguration())
  private var isOver = false
  private var hasBegun: Bool
  private var ownEvents = 0
  private(set) var inexactLines = 0
  private var firstInexact: UInt64?
  private var firstTransaction: UInt64?

  /// - Parameters:
  ///   - from: the first transaction, or the time of the first event.
  ///   - until: the last one, or the time of the last event.
  init(from: JournalReplica.Limit?, until: JournalReplica.Limit?, peersOnly: Bool) {
    self.from = from
    self.until = until
    self.peersOnly = peersOnly
    hasBegun = from == nil
  }

  /// - Parameter write: gets the lines of a commit.
  mutating func run(folder: String, _ write: ([String]) throws -> Void) throws {
    var scan = try JournalScan.open(folder: folder, at: try beginning(folder))
    while !isOver, let commit = try scan.next() {
      let lines = try take(commit)
      if !lines.isEmpty { try write(lines) }
    }
  }

  /// What is to be known of the lines, for people.
  var remarks: [String] {
    var remarks: [String] = []
    if let firstTransaction, firstTransaction > 1 {
      remarks.append(
        "the lines begin with transaction \(firstTransaction): a simulation of them does not come to the same state")
    }
    if ownEvents > 0 { remarks.append("left out \(ownEvents) events of the dispatcher's own") }
    if let firstInexact {
      remarks.append(
        "\(inexactLines) lines do not read back as the events they are of; the first is that of transaction "
          + "\(firstInexact)")
    }
    return remarks
  }

  private mutating func beginning(_ folder: String) throws -> JournalPosition {
    guard peersOnly else {
      guard let oldest = try JournalReader.oldestPosition(folder: folder) else {
        throw JournalError.noJournal(folder: folder)
      }
      return oldest
    }
    let beginning = try JournalScan.beginning(folder: folder, before: nil)
    if let snapshot = beginning.snapshot {
      let replica = try JournalReplica(from: snapshot, configuration: ControllerConfiguration())
      controller = ScriptedController(replica.takeState())
    }
    return beginning.position
  }

  private mutating func take(_ commit: JournalCommit) throws -> [String] {
    let steps = commit.records().compactMap { ScriptStep($0) }
    // Each made one transaction, and the commit tells the number of the last.
    var transaction = commit.lastTransaction - UInt64(steps.count { $0.event != nil })
    var lines: [String] = []
    for step in steps {
      let event = step.event
      if event != nil { transaction += 1 }
      begin(event, event == nil ? transaction + 1 : transaction)
      if ends(before: event, transaction) {
        isOver = true
        break
      }
      let said = peersOnly ? step.named(by: controller.state) : step
      if peersOnly { _ = controller.take(step) }
      guard hasBegun, isWanted(step) else { continue }
      if event != nil, firstTransaction == nil { firstTransaction = transaction }
      lines.append(line(said, event == nil ? nil : transaction))
    }
    return lines
  }

  private mutating func begin(_ event: Event?, _ transaction: UInt64) {
    switch from {
    case nil: break
    case .transaction(let first): if transaction >= first { hasBegun = true }
    case .timeMs(let firstMs): if let timeMs = event?.timestampMs, timeMs >= firstMs { hasBegun = true }
    }
  }

  private func ends(before event: Event?, _ transaction: UInt64) -> Bool {
    switch until {
    case nil: false
    case .transaction(let last): event == nil ? transaction >= last : transaction > last
    case .timeMs(let lastMs): event?.timestampMs.map { $0 > lastMs } ?? false
    }
  }

  private mutating func isWanted(_ step: ScriptStep) -> Bool {
    guard peersOnly else { return true }
    guard case .event(let event) = step else { return false }
    if event.id.peer == 0 { ownEvents += 1 }
    return event.id.peer != 0
  }

  private mutating func line(_ step: ScriptStep, _ transaction: UInt64?) -> String {
    let value: JSONValue
    let isExact: Bool
    if peersOnly, case .event(let event) = step {
      value = event.json
      let decoded = try? EventJSONDecoder(timestamps: .optional).event(from: value)
      isExact = decoded?.body == event.body && decoded?.timestampMs == event.timestampMs
    } else {
      value = step.json
      isExact = (try? ScriptStep(from: value)) == step
    }
    if !isExact {
      inexactLines += 1
      firstInexact = firstInexact ?? transaction
    }
    guard let transaction, !peersOnly, case .object(let members) = value else { return value.text }
    return JSONValue.object([.init("txn", .integer(transaction))] + members).text
  }
}

extension ScriptStep {
  /// What the record did; nil for one that did nothing to the state machine.
  init?(_ record: JournalRecord) {
    switch record {
    case .event(let journaled): self = .event(journaled.event)
    case .configured(let configuration): self = .configured(configuration.decisive)
    case .unhandled, .skipped, .peerAttached, .peerRemoved, .started, .peerNumbers, .salvaged, .letter,
      .turn:
      return nil
    }
  }

  /// What makes a transaction.
  fileprivate var event: Event? {
    switch self {
    case .event(let event): event
    case .configured, .tick, .sweep, .restart, .place: nil
    }
  }
}
