import EventModel

extension Transaction {
  /// The whole account: number, time, event, outcome, actions in order with their causes, processes to stop.
  public var json: JSONValue {
    .object(jsonMembers)
  }

  var jsonMembers: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    members.append("txn", .integer(number))
    members.append("timestamp_ms", .integer(timestampMs))
    members.append("event_id", event.id.description)
    members.append("event", event.json)
    members.append("outcome", outcome.name)
    members.append("reason", outcome.reason?.name)
    if let missing { members += missing.members }
    members.append("entity", subject?.description)
    members.append("actions", .array(actions.map(\.json)))
    members.append("tasks_to_kill", .array(tasksToKill.map(\.json)))
    return members
  }
}

extension Action {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("action", kind.name)
    members.append("entity", subject.description)
    members.append("from", from?.name)
    members.append("to", to?.name)
    members.append("attempt", attempt.map(JSONValue.integer))
    members.append("worker", worker?.name)
    members.append("endpoint", endpoint)
    members.append("cause", cause.json)
    return .object(members)
  }
}

extension Cause {
  /// `"event"`, or the index of the action that led to this one.
  var json: JSONValue {
    switch self {
    case .event: .string("event")
    case .action(let index): .integer(index)
    }
  }
}

extension TaskToKill {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("task", task.description)
    members.append("attempt", .integer(attempt))
    members.append("worker", worker.name)
    return .object(members)
  }
}

extension DispatchResult {
  /// The transaction's account where there is one, else the event and who stopped it; each observer's outcome; and whether
  /// it succeeded.
  public var json: JSONValue {
    var members: [JSONValue.Member]
    switch disposition {
    case .handled(let transaction):
      members = transaction.jsonMembers
      if epoch > 0 { members.insert(JSONValue.Member("epoch", .integer(epoch)), at: 1) }
    case .dropped(let middleware):
      members = unhandledMembers
      members.append("dropped_by", middleware)
    case .deadLettered(let reason):
      members = unhandledMembers
      members.append("dead_lettered", reason.name)
    }
    if isAbridged { members.append("event_abridged", .boolean(true)) }
    members.append("observers", .array(observations.map(\.json)))
    members.append("succeeded", .boolean(succeeded))
    return .object(members)
  }

  private var unhandledMembers: [JSONValue.Member] {
    [JSONValue.Member("event_id", .string(event.id.description)), JSONValue.Member("event", event.json)]
  }
}

extension Observation {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("name", observer)
    switch outcome {
    case .succeeded:
      members.append("outcome", "succeeded")
    case .returned(let value):
      members.append("outcome", "returned")
      members.append("value", value)
    case .threw(let error):
      members.append("outcome", "threw")
      members.append("error", error)
    }
    return .object(members)
  }
}
