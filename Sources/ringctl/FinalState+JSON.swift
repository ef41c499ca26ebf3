import Controller
import EventJSON
import EventModel
import Presentation

extension FinalState {
  /// Under the keys that the `expect` of a conformance case uses, so that one can be checked against the other. An endpoint
  /// is a pair of task and endpoint.
  var json: JSONValue {
    .object([
      .init("task_states", byTask { .string($0.state.name) }),
      .init("job_states", byJob { .string($0.state.name) }),
      .init("job_state", firstJob.map { .string($0.state.name) } ?? .null),
      .init("job_errors", byJob { $0.error.map(JSONValue.string) ?? .null }),
      .init("job_error", firstJob?.error.map(JSONValue.string) ?? .null),
      .init("attempts", byTask { .array($0.attempts.map { .string($0.state.name) }) }),
      .init("counters", byTask { .array([.integer($0.failures), .integer($0.preemptions)]) }),
      .init("exit_codes", byTask { $0.exitCode.map(JSONValue.integer) ?? .null }),
      .init("worker_states", workerStates),
      .init("queue", .array(queue.map(JSONValue.string))),
      .init(
        "endpoints", .array(endpoints.map { .array([.string($0.taskName.description), .string($0.name)]) })),
      .init("txn_log_length", .integer(transactionLogLength)),
    ])
  }

  private var workerStates: JSONValue {
    let registered = workers.map { worker in
      JSONValue.Member(
        worker.name,
        .object(
          [
            .init("present", .boolean(true)),
            .init("healthy", .boolean(true)),
            .init("draining", .boolean(worker.isDraining)),
            .init("running_tasks", .array(runningTaskNames(of: worker).map(JSONValue.string))),
            .init("stopping_tasks", .array(stoppingTaskNames(of: worker).map(JSONValue.string))),
          ] + worker.committed.members(prefix: "committed_") + [
            .init("last_heartbeat_ms", .integer(worker.lastHeartbeatMs)),
            .init("consecutive_failures", .integer(worker.consecutiveFailures)),
          ]))
    }
    let missing = missingWorkers.map { name in
      JSONValue.Member(name, .object([.init("present", .boolean(false))]))
    }
    return .object(registered + missing)
  }

  private func byTask(_ value: (TaskView) -> JSONValue) -> JSONValue {
    .object(tasks.map { .init($0.name.description, value($0)) })
  }

  private func byJob(_ value: (JobView) -> JSONValue) -> JSONValue {
    .object(jobs.map { .init($0.name, value($0)) })
  }
}
