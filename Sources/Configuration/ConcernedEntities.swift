import EventModel
import LogMessages
import Logging

/// The workers, jobs and tasks that a transaction is about, the first of each kind: enough to find its log entry by.
struct ConcernedEntities {
  private static let mostOfEach = 16

  private var workers: [String] = []
  private var jobs: [String] = []
  private var tasks: [String] = []

  init(_ subject: Subject?) {
    if let subject { add(subject, on: nil) }
  }

  mutating func add(_ subject: Subject, on worker: WorkerIdentity?) {
    switch subject {
    case .worker(_, let name): Self.add(name, to: &workers)
    case .job(_, let name): Self.add(name, to: &jobs)
    case .task(_, let job, _):
      Self.add(job, to: &jobs)
      if tasks.count < Self.mostOfEach { Self.add(subject.description, to: &tasks) }
    }
    if let worker { Self.add(worker.name, to: &workers) }
  }

  private static func add(_ name: String, to names: inout [String]) {
    guard names.count < mostOfEach, !names.contains(name) else { return }
    names.append(name)
  }

  /// One value, or an array of several.
  var fields: [LogField: Logger.MetadataValue] {
    var fields: [LogField: Logger.MetadataValue] = [:]
    for (field, names) in [(LogField.worker, workers), (.job, jobs), (.task, tasks)] {
      if names.count > 1 {
        fields[field] = .array(names.map { .string($0) })
      } else if let name = names.first {
        fields[field] = .string(name)
      }
    }
    return fields
  }
}
