import EventCodec
import EventJSON
import EventModel
import Presentation
import RingmasterClient

// One object a row. The keys are stable; numbers bear their unit, and what there is not is null.

extension WorkerRow {
  var json: JSONValue { json(knowsHeartbeat: true) }

  func json(knowsHeartbeat: Bool) -> JSONValue {
    .object(
      [
        JSONValue.Member("worker_id", .string(name)),
        JSONValue.Member("handle", .string(handle.description)),
        JSONValue.Member("address", .string(address)),
        JSONValue.Member("last_heartbeat_ms", knowsHeartbeat ? .integer(lastHeartbeatMs) : .null),
      ] + capacity.members() + committed.members(prefix: "committed_") + [
        JSONValue.Member("running_tasks", .integer(runningTasks)),
        JSONValue.Member("consecutive_failures", .integer(consecutiveFailures)),
      ])
  }
}

extension JobRow {
  var json: JSONValue {
    let counts = zip(TaskState.allCases, tasksByState).map { JSONValue.Member($0.name, .integer($1)) }
    return .object(
      [
        JSONValue.Member("job_id", .string(name)),
        JSONValue.Member("handle", .string(handle.description)),
        JSONValue.Member("state", .string(state.name)),
        JSONValue.Member("tasks", .integer(tasksByState.reduce(0, +))),
        JSONValue.Member("tasks_by_state", .object(counts)),
      ] + resources.members() + [
        JSONValue.Member("coscheduled", .boolean(coscheduled)),
        JSONValue.Member("submitted_ms", .integer(submittedMs)),
        JSONValue.Member("ended_ms", endedMs.map { .integer($0) } ?? .null),
        JSONValue.Member("owner", .text(owner)),
        JSONValue.Member("parent", .text(parent)),
        JSONValue.Member("error", .text(error)),
      ])
  }
}

extension TaskRow {
  var json: JSONValue {
    .object([
      JSONValue.Member("task_id", .string(name.description)),
      JSONValue.Member("handle", .string(handle.description)),
      JSONValue.Member("job_id", .string(name.job)),
      JSONValue.Member("state", .string(state.name)),
      JSONValue.Member("worker_id", .text(worker?.name)),
      JSONValue.Member("attempts", .integer(attempts)),
      JSONValue.Member("failures", .integer(failures)),
      JSONValue.Member("preemptions", .integer(preemptions)),
      JSONValue.Member("exit_code", exitCode.map { .integer($0) } ?? .null),
      JSONValue.Member("error", .text(error)),
    ])
  }
}

extension PeerRow {
  var json: JSONValue {
    .object([
      JSONValue.Member("peer", .integer(peer)),
      JSONValue.Member("name", .string(name)),
      JSONValue.Member("role", .string(roleName)),
      JSONValue.Member("received", .integer(received)),
      JSONValue.Member("ring_full", .integer(full)),
      JSONValue.Member("shed", .integer(shed)),
      JSONValue.Member("result_overruns", .integer(overruns)),
    ])
  }

  var roleName: String {
    Role(rawValue: role)?.name ?? "\(role)"
  }
}

extension JSONValue {
  static func text(_ text: String?) -> JSONValue {
    text.map { .string($0) } ?? .null
  }
}
