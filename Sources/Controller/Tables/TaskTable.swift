import EventModel

/// A task. Its index in its job is its slot less the job's first.
struct TaskRow: BitwiseCopyable, Sendable {
  var generation: UInt32 = 1
  /// The job's slot; `noSlot` in a row that holds no task.
  var job = noSlot
  /// The worker's slot while the task is active, and while its newest attempt stops there.
  var worker = noSlot
  var previousOnWorker = noSlot
  var nextOnWorker = noSlot
  var lastAttempt = noSlot
  var attemptCount: UInt32 = 0
  var firstEndpoint = noSlot
  var failures: Int32 = 0
  var preemptions: Int32 = 0
  /// Times it was lost before it started.
  var deliveries: Int32 = 0
  /// One counted use in the pool of errors.
  var error: TextID = .none
  var exitCode: Int32 = 0
  var hasExitCode = false
  var state: TaskState = .pending

  /// Is its newest attempt over while its process may still run?
  var isStopping: Bool { worker != noSlot && !state.isActive }

  // One access to the table for several fields: each access checks whether the table is shared.

  mutating func noteExit(_ code: Int32?) {
    exitCode = code ?? 0
    hasExitCode = code != nil
  }

  mutating func goToWorker(_ worker: UInt32, before next: UInt32) {
    self.worker = worker
    previousOnWorker = noSlot
    nextOnWorker = next
  }

  /// - Returns: where it was.
  mutating func leaveWorker() -> (worker: UInt32, previous: UInt32, next: UInt32) {
    defer { (worker, previousOnWorker, nextOnWorker) = (noSlot, noSlot, noSlot) }
    return (worker, previousOnWorker, nextOnWorker)
  }
}

/// All tasks, the tasks of a job in one run of neighbouring rows.
struct TaskTable: ~Copyable, Sendable {
  var rows: [TaskRow] = []
  private(set) var runs = RunAllocator()
  /// PENDING tasks.
  var pending = SlotSet()
  /// Those of them that may be assigned by themselves: no back-off to wait for, no attempt that stops.
  var ready = SlotSet()
  /// Those of them that never were assigned.
  var fresh = SlotSet()
  /// Tasks that hold capacity.
  var active = SlotSet()
  /// Tasks that have an error.
  var failing = SlotSet()
  private let place = FixedPlace()

  /// Makes the tasks of a job, all PENDING, and returns their slots.
  mutating func addRun(job: Int, count: Int) -> Range<Int> {
    let start = runs.allocate(count)
    growToRuns()
    let slots = start..<(start + count)
    for slot in slots {
      precondition(rows[slot].job == noSlot, "two tasks cannot share a slot")
      rows[slot] = TaskRow(generation: rows[slot].generation, job: UInt32(job))
    }
    pending.insert(slots)
    ready.insert(slots)
    fresh.insert(slots)
    return slots
  }

  /// Frees a job's rows; every handle to one of them is stale from here on.
  mutating func removeRun(_ slots: Range<Int>) {
    guard !slots.isEmpty else { return }
    for slot in slots {
      precondition(rows[slot].state.isTerminal, "only a finished task is removed")
      precondition(rows[slot].worker == noSlot, "a finished task is on no worker")
      let next = rows[slot].generation &+ 1
      rows[slot] = TaskRow(generation: next == 0 ? 1 : next)
      failing.remove(slot)
    }
    runs.free(start: slots.lowerBound, count: slots.count)
  }

  mutating func restoreRuns(generations: [UInt32], freeRuns: [SavedTaskRun]) {
    runs.restore(slotCount: generations.count, freeRuns: freeRuns)
    growToRuns()
    for slot in generations.indices {
      rows[slot].generation = generations[slot]
    }
  }

  private mutating func growToRuns() {
    let missing = runs.slotCount - rows.count
    guard missing > 0 else { return }
    rows.append(contentsOf: repeatElement(TaskRow(), count: missing))
    pending.grow(toSlots: rows.count)
    ready.grow(toSlots: rows.count)
    fresh.grow(toSlots: rows.count)
    active.grow(toSlots: rows.count)
    failing.grow(toSlots: rows.count)
  }

  func slot(of handle: TaskHandle) -> Int? {
    let slot = Int(handle.index)
    guard slot < rows.count, rows[slot].generation == handle.generation, rows[slot].job != noSlot else { return nil }
    return slot
  }

  func handle(_ slot: Int) -> TaskHandle {
    TaskHandle(index: UInt32(slot), generation: rows[slot].generation)
  }

  /// The first task of `slots` that is not finished.
  func firstUnfinished(in slots: Range<Int>) -> Int? {
    pending.first(in: slots, orOf: active)
  }

  @inline(__always)
  func isStopping(_ slot: Int) -> Bool { rows[slot].isStopping }

  /// Brings the set of tasks with an error up to date with a row.
  mutating func noteError(of slot: Int) {
    if rows[slot].error.isNone { failing.remove(slot) } else { failing.insert(slot) }
  }
}
