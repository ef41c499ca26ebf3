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
  struct Kill: Hashable {
    let task: ByteText
    let attempt: UInt32
    let worker: String
  }

  let tasksToKill: [Kill]
  let timestampMs: Int64
  let eventType: String

  init(_ transaction: Transaction) {
    outcome = transaction.outcome.name
    reason = transaction.outcome.reason?.name
    missing = transaction.missing?.resource.name
    actions = transaction.actions.map { ObservedAction(name: $0.kind.name, entity: $0.subject.description) }
    tasksToKill = transaction.tasksToKill.map {
      Kill(task: ByteText($0.task.description), attempt: $0.attempt, worker: $0.worker.name)
    }
    timestampMs = transaction.timestampMs
    eventType = transaction.event.kind.name
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
      return Kill(
        task: ByteText(try fields.require("task").name(maxBytes: .max)),
        attempt: try fields.require("attempt").integer(in: 0...UInt32.max), worker: try fields.require("worker").name())
    }
    timestampMs = try fields.require("timestamp_ms").integer(in: Limits.timeMs)
    let event = try fields.require("event")
    var members = try JSONFields(event.value, path: event.path)
    eventType = try members.require("type").name()
  }
}
