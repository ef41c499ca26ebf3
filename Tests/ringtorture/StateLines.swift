import Controller
import EventCodec
import EventModel

/// The state of a controller as sorted lines, without what is not journaled: when workers were last heard of.
enum StateLines {
  static func of(_ state: borrowing ControllerState) -> [String] {
    var lines: [String] = []
    var slot = 0
    while let view = state.nextWorker(from: slot) {
      lines.append(
        worker(
          view.name, view.address, view.metadata.capacity, view.committed, view.runningCount,
          Int(view.consecutiveFailures)))
      slot = Int(view.handle.index) + 1
    }
    slot = 0
    while let view = state.nextJob(from: slot) {
      lines.append(
        job(
          view.name, view.state, view.submittedMs, view.endedMs,
          TaskState.allCases.map { UInt32(view.taskCounts[$0]) }, view.error, view.parentName))
      slot = Int(view.handle.index) + 1
    }
    slot = 0
    while let view = state.nextTask(from: slot, newestAttempts: 1) {
      lines.append(
        task(
          view.name, view.state, view.worker, view.attemptCount, Int(view.failures), Int(view.preemptions),
          view.exitCode, view.error))
      slot = Int(view.handle.index) + 1
    }
    return lines.sorted()
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
        worker(
          row.name, row.address, row.capacity, row.committed, Int(row.runningTasks),
          Int(row.consecutiveFailures))
      case .job(let row):
        job(row.name, row.state, row.submittedMs, row.endedMs, row.tasksByState, row.error, row.parent)
      case .task(let row):
        task(
          row.name, row.state, row.worker, Int(row.attempts), Int(row.failures), Int(row.preemptions), row.exitCode,
          row.error)
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

  private static func worker(
    _ name: String, _ address: String, _ capacity: Resources, _ committed: Resources, _ running: Int, _ failures: Int
  ) -> String {
    "worker \(name) at \(address): \(committed) of \(capacity) for \(running) tasks, \(failures) failures"
  }

  private static func job(
    _ name: String, _ state: JobState, _ submittedMs: Int64, _ endedMs: Int64?, _ tasks: [UInt32], _ error: String?,
    _ parent: String?
  ) -> String {
    "job \(name) \(state.name) \(submittedMs)-\(endedMs ?? 0) \(tasks) \(error ?? "") under \(parent ?? "")"
  }

  private static func task(
    _ name: TaskName, _ state: TaskState, _ worker: WorkerIdentity?, _ attempts: Int, _ failures: Int,
    _ preemptions: Int, _ exitCode: Int32?, _ error: String?
  ) -> String {
    "task \(name) \(state.name) on \(worker?.name ?? "nobody"), \(attempts) attempts, \(failures) failures, "
      + "\(preemptions) preemptions, exit \(exitCode.map { "\($0)" } ?? "none"), \(error ?? "")"
  }
}
