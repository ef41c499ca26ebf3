/// A task for which something is due, the earliest first, then the older task.
struct TaskDueKey: Comparable, BitwiseCopyable, Sendable {
  let dueMs: Int64
  let insertionNumber: UInt64
  let task: UInt32

  static func < (left: TaskDueKey, right: TaskDueKey) -> Bool {
    if left.dueMs != right.dueMs { return left.dueMs < right.dueMs }
    if left.insertionNumber != right.insertionNumber { return left.insertionNumber < right.insertionNumber }
    return left.task < right.task
  }
}
