/// The steps of the story, in order.
enum DemoStep: Int, CaseIterable, Sendable {
  case processesUp
  case workersRegistered
  case programRuns
  case jobsRunning
  case workerKilled
  case failureDetected
  case tasksRunElsewhere
  case dispatcherKilled
  case serviceCancelled
  case programSucceeded
  case batchSucceeded
  case heartbeatsAccounted
  case historyArchived
  case allStopped

  /// What is to happen, until there is something better to say.
  var title: String {
    switch self {
    case .processesUp: "start dispatcher, archive, ingest and fleet"
    case .workersRegistered: "workers register over UDP"
    case .programRuns: "run a real program, and kill its worker"
    case .jobsRunning: "submit two jobs, wait until tasks run"
    case .workerKilled: "kill a worker: its heartbeats stop"
    case .failureDetected: "the controller finds out by itself"
    case .tasksRunElsewhere: "requeued tasks run on other workers"
    case .dispatcherKilled: "kill the dispatcher: another takes over"
    case .serviceCancelled: "cancel the long-running job"
    case .programSucceeded: "the program ends: it ran once"
    case .batchSucceeded: "the short job succeeds"
    case .heartbeatsAccounted: "account for every heartbeat"
    case .historyArchived: "find it all in the archive"
    case .allStopped: "stop everything in order"
    }
  }
}
