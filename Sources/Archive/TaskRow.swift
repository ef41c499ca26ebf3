import Controller
import EventModel

/// A task as its row has it. Texts are in the batch's.
struct TaskRow {
  let id: UInt64
  let job: UInt64
  let index: Int
  let state: TaskState
  let attempts: Int
  let worker: UInt64?
  /// The transactions that tell of it; nil when it is found in a snapshot.
  let list: TransactionList?
  var newest: AttemptRow?
  let failures: Int32
  let preemptions: Int32
  let deliveries: Int32
  let exitCode: Int32?
  let error: Range<Int>?

  init(_ view: TaskView, _ list: TransactionList?, _ epoch: ArchiveEpoch, _ texts: inout [UInt8]) {
    id = epoch.entity(view.handle.rawValue)
    job = epoch.entity(view.job.rawValue)
    index = view.name.index
    state = view.state
    attempts = view.attemptCount
    worker = view.worker.map { epoch.entity($0.handle.rawValue) }
    self.list = list
    newest = view.attempts.last.map { AttemptRow($0, of: view.handle, epoch, &texts) }
    failures = view.failures
    preemptions = view.preemptions
    deliveries = view.deliveries
    exitCode = view.exitCode
    error = view.error.map { texts.add($0) }
  }
}

/// An attempt as its row has it.
struct AttemptRow {
  let task: UInt64
  let number: UInt32
  let state: TaskState
  let worker: UInt64
  var startedMs: Int64
  var endedMs: Int64?
  let exitCode: Int32?
  let endReason: EndReason?
  let error: Range<Int>?

  init(_ view: AttemptView, of task: TaskHandle, _ epoch: ArchiveEpoch, _ texts: inout [UInt8]) {
    self.task = epoch.entity(task.rawValue)
    number = view.number
    state = view.state
    worker = epoch.entity(view.worker.handle.rawValue)
    startedMs = view.startedMs
    endedMs = view.endedMs
    exitCode = view.exitCode
    endReason = view.endReason
    error = view.error.map { texts.add($0) }
  }

  mutating func limitTimes(toMs timeMs: Int64) {
    startedMs = min(startedMs, timeMs)
    endedMs = endedMs.map { min($0, timeMs) }
  }
}

extension [UInt8] {
  fileprivate mutating func add(_ text: String) -> Range<Int> {
    let start = count
    self += text.utf8
    return start..<count
  }
}
