import EventJSON
import EventModel

/// What must hold of the transactions that one event made.
struct TransactionCheck {
  /// An action as a case writes it: its name and its entity's, or its name alone for any entity.
  struct ActionPattern {
    let action: String
    let entity: String?

    func matches(_ other: ObservedTransaction.ObservedAction) -> Bool {
      action == other.name && (entity.map { $0.isSame(as: other.entity) } ?? true)
    }
  }

  let eventIndex: Int
  private let outcome: String
  private let reason: String?
  private let missing: String?
  private let transactionCount: Int?
  private let exact: [ActionPattern]?
  private let inOrder: [ActionPattern]?
  private let contained: [ActionPattern]
  private let absent: [ActionPattern]
  private let untouched: [String]
  private let tasksToKill: [Kill]?
  private let timestampMs: Int64?
  private let eventTypes: [String]?

  /// A task, or one attempt of it on a worker.
  private struct Kill: CustomStringConvertible {
    let task: String
    let attempt: (number: UInt32, worker: String)?

    func matches(_ other: ObservedTransaction.Kill) -> Bool {
      other.task == ByteText(task) && (attempt.map { $0 == (other.attempt, other.worker) } ?? true)
    }

    var description: String { attempt.map { "\(task) attempt \($0.number) on \($0.worker)" } ?? task }
  }

  init(_ field: JSONField, eventCount: Int) throws {
    var fields = try JSONFields(field.value, path: field.path)
    eventIndex = try fields.require("event").integer(in: 0...(eventCount - 1))
    outcome = try fields.find("outcome").map(Self.outcome) ?? Outcome.applied.name
    reason = try fields.find("reason").map(Self.reason)
    missing = try fields.find("missing")?.name()
    transactionCount = try fields.find("txn_count")?.integer(in: 0...Int.max)
    exact = try fields.find("actions_exact").map(Self.actions)
    inOrder = try fields.find("actions_contain_in_order").map(Self.actions)
    contained = try fields.find("actions_contain").map(Self.actions) ?? []
    absent = try fields.find("actions_absent").map(Self.actions) ?? []
    untouched = try fields.find("actions_absent_for").map(Self.names) ?? []
    tasksToKill = try fields.find("tasks_to_kill").map { try $0.elements(maxCount: .max).map(Self.kill) }
    timestampMs = try fields.find("timestamp_ms")?.integer(in: Limits.timeMs)
    eventTypes = try fields.find("event_types").map(Self.names)
    try fields.finish()
  }

  /// What is wrong with the transactions; empty when nothing is.
  func failures(_ transactions: [ObservedTransaction]) -> [String] {
    var failures: [String] = []
    func expect(_ holds: Bool, _ complaint: @autoclosure () -> String) {
      if !holds { failures.append("event \(eventIndex): \(complaint())") }
    }
    let actions = transactions.flatMap(\.actions)
    let actual = "\(actions)"
    for transaction in transactions {
      expect(transaction.outcome == outcome, "expected \(outcome), got \(transaction.outcome)")
      let given = transaction.reason
      let lacking = transaction.missing
      if let missing { expect(lacking == missing, "expected a lack of \(missing), got \(lacking ?? "none")") }
      if let timestampMs {
        let given = transaction.timestampMs
        expect(given == timestampMs, "expected it at \(timestampMs), got \(given)")
      }
      if let reason { expect(given == reason, "expected the reason \(reason), got \(given ?? "none")") }
    }
    if let transactionCount {
      expect(
        transactions.count == transactionCount, "expected \(transactionCount) transactions, got \(transactions.count)")
    } else {
      expect(!transactions.isEmpty, "expected a transaction, got none")
    }
    if let eventTypes {
      let types = transactions.map(\.eventType)
      expect(types == eventTypes, "expected transactions of \(eventTypes), got \(types)")
    }
    if let exact {
      let isExact = actions.count == exact.count && zip(exact, actions).allSatisfy { $0.matches($1) }
      expect(isExact, "expected exactly \(exact), got \(actual)")
    }
    if let inOrder {
      expect(Self.isSubsequence(inOrder, of: actions), "expected, in order, \(inOrder) among \(actual)")
    }
    for action in contained { expect(actions.contains(where: action.matches), "expected \(action) among \(actual)") }
    for action in absent { expect(!actions.contains(where: action.matches), "expected no \(action) among \(actual)") }
    for entity in untouched {
      expect(!actions.contains { $0.entity == entity }, "expected nothing about \(entity) among \(actual)")
    }
    if let tasksToKill {
      let killed = transactions.flatMap(\.tasksToKill)
      let isSame =
        killed.allSatisfy { kill in tasksToKill.contains { $0.matches(kill) } }
        && tasksToKill.allSatisfy { wanted in killed.contains { wanted.matches($0) } }
      expect(isSame, "expected to kill \(tasksToKill), got \(killed)")
      expect(Set(killed).count == killed.count, "a task is to be killed twice: \(killed)")
    }
    return failures
  }

  private static func isSubsequence(_ wanted: [ActionPattern], of actions: [ObservedTransaction.ObservedAction]) -> Bool
  {
    var rest = wanted[...]
    for action in actions where rest.first?.matches(action) == true { rest.removeFirst() }
    return rest.isEmpty
  }

  private static func outcome(_ field: JSONField) throws -> String {
    let name = try field.name()
    guard ["applied", "ignored", "rejected"].contains(name) else {
      throw EventJSONError(.unknownValue, field: field.path, expected: "an outcome", came: name)
    }
    return name
  }

  private static func reason(_ field: JSONField) throws -> String {
    let name = try field.name()
    guard RejectionReason.allCases.contains(where: { $0.name == name }) else {
      throw EventJSONError(.unknownValue, field: field.path, expected: "a rejection reason", came: name)
    }
    return name
  }

  private static func actions(_ field: JSONField) throws -> [ActionPattern] {
    try field.elements(maxCount: .max).map { pair in
      let isNameAlone = if case .string = pair.value { true } else { false }
      let parts = isNameAlone ? [try pair.name()] : try names(pair)
      guard isNameAlone || parts.count == 2, ActionKind.allCases.contains(where: { $0.name == parts[0] }) else {
        throw EventJSONError(
          .unknownValue, field: pair.path, expected: "[action, entity]", came: pair.value.description)
      }
      return ActionPattern(action: parts[0], entity: isNameAlone ? nil : parts[1])
    }
  }

  private static func kill(_ field: JSONField) throws -> Kill {
    if case .string = field.value { return Kill(task: try field.name(maxBytes: .max), attempt: nil) }
    let parts = try field.elements(maxCount: 3)
    guard parts.count == 3 else {
      throw EventJSONError(.wrongType, field: field.path, expected: "[task, attempt, worker]", came: field.value.text)
    }
    return Kill(
      task: try parts[0].name(maxBytes: .max),
      attempt: (try parts[1].integer(in: 0...UInt32.max), try parts[2].name()))
  }

  private static func names(_ field: JSONField) throws -> [String] {
    try field.elements(maxCount: .max).map { try $0.name() }
  }
}

extension TransactionCheck.ActionPattern: CustomStringConvertible {
  var description: String {
    entity.map { "\(action) \($0)" } ?? action
  }
}
