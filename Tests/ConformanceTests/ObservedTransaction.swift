import EventJSON
import EventModel

/// What a case can ask of a transaction, however it was come by: from the state machine, or from what `ringctl` prints.
struct ObservedTransaction: Equatable {
  struct ObservedAction: Equatable, CustomStringConvertible {
    let name: String
    let entity: String

    var description: String {
      "\(name) \(entity)"
    }
  }

  let outcome: String
  let reason: String?
  /// The resource that insufficient_capacity names.
  let missing: String?
  let actions: [ObservedAction]
  let tasksToKill: [String]

  init(_ transaction: Transaction) {
    outcome = transaction.outcome.name
    reason = transaction.outcome.reason?.name
    missing = transaction.missing?.resource.name
    actions = transaction.actions.map { ObservedAction(name: $0.kind.name, entity: $0.subject.description) }
    tasksToKill = transaction.tasksToKill.map(\.task.description)
  }

  init(json: JSONValue) throws {
    var fields = try JSONFields(json)
    outcome = try fields.require("outcome").name()
    reason = try fields.find("reason")?.name()
    missing = try fields.find("missing")?.name()
    actions = try fields.require("actions").elements(maxCount: .max).map { action in
      var fields = try JSONFields(action.value, path: action.path)
      return ObservedAction(
        name: try fields.require("action").name(), entity: try fields.require("entity").name(maxBytes: .max))
    }
    tasksToKill = try fields.require("tasks_to_kill").elements(maxCount: .max).map { kill in
      var fields = try JSONFields(kill.value, path: kill.path)
      return try fields.require("task").name(maxBytes: .max)
    }
  }
}
