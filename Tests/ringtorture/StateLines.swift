import Controller
import EventModel

/// The state of a controller as sorted lines, without what is not journaled: when workers were last heard of.
enum StateLines {
  static func of(_ state: borrowing ControllerState) -> [String] {
    var rows: [Row] = []
    var slot = 0
    while let view = state.nextWorker(from: slot) {
      rows.append(.worker(view))
      slot = Int(view.handle.index) + 1
    }
    slot = 0
    while let view = state.nextJob(from: slot) {
      rows.append(.job(view))
      slot = Int(view.handle.index) + 1
    }
    slot = 0
    while let view = state.nextTask(from: slot, newestAttempts: 0) {
      rows.append(.task(view))
      slot = Int(view.handle.index) + 1
    }
    return of(rows)
  }

  /// The entities and how they stand.
  static func entities(_ state: borrowing ControllerState) -> [String] {
    var lines: [String] = []
    var slot = 0
    while let view = state.nextWorker(from: slot) {
      lines.append("worker \(view.name) at \(view.address)")
      slot = Int(view.handle.index) + 1
    }
    slot = 0
    while let view = state.nextJob(from: slot) {
      lines.append("job \(view.name) \(view.state.name)")
      slot = Int(view.handle.index) + 1
    }
    slot = 0
    while let view = state.nextTask(from: slot, newestAttempts: 1) {
      lines.append("task \(view.name) \(view.state.name), \(view.attemptCount) attempts")
      slot = Int(view.handle.index) + 1
    }
    return lines.sorted()
  }

  static func of(_ rows: [Row]) -> [String] {
    rows.compactMap { row in
      switch row {
      case .worker(let row):
        "worker \(row.name) at \(row.address): \(row.committed) of \(row.metadata.capacity) for "
          + "\(row.runningCount) tasks, \(row.consecutiveFailures) failures"
      case .job(let row):
        "job \(row.name) \(row.state.name) \(row.submittedMs)-\(row.endedMs ?? 0) "
          + "\(TaskState.allCases.map { row.taskCounts[$0] }) \(row.error ?? "") under \(row.parentName ?? "")"
      case .task(let row):
        "task \(row.name) \(row.state.name) on \(row.worker?.name ?? "none"), \(row.attemptCount) attempts, "
          + "\(row.failures) failures, \(row.preemptions) preemptions, exit "
          + "\(row.exitCode.map { "\($0)" } ?? "none"), \(row.error ?? "")"
      default: nil
      }
    }.sorted()
  }

  /// The first line that the two do not have in common; nil when they are equal.
  static func difference(between live: [String], and replayed: [String]) -> String? {
    guard live != replayed else { return nil }
    let inLive = Set(live)
    let inReplay = Set(replayed)
    if let line = live.first(where: { !inReplay.contains($0) }) { return "it has: \(line)" }
    if let line = replayed.first(where: { !inLive.contains($0) }) { return "it has not: \(line)" }
    return "a line is there more often in one of the two"
  }
}
