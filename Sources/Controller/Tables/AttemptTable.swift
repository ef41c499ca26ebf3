import EventModel

/// One try of a task on one worker. The attempts of a task are a list from the newest to the oldest.
struct AttemptRow: BitwiseCopyable, Sendable {
  var previous = noSlot
  var number: UInt32
  var worker: WorkerHandle
  var startedMs: Int64
  /// Meaningful once the state is terminal.
  var endedMs: Int64 = 0
  /// Counted uses in the cluster's pool of names and in the pool of errors.
  var workerName: TextID
  var error: TextID = .none
  var exitCode: Int32 = 0
  var hasExitCode = false
  var state: TaskState = .assigned
}

/// Every attempt of every task in the table.
struct AttemptTable: ~Copyable, Sendable {
  private(set) var rows: [AttemptRow] = []
  private var free: [UInt32] = []

  mutating func add(_ row: AttemptRow) -> UInt32 {
    if let slot = free.popLast() {
      rows[Int(slot)] = row
      return slot
    }
    rows.append(row)
    return UInt32(rows.count - 1)
  }

  mutating func reserve(_ count: Int) {
    rows.reserveCapacity(count)
  }

  mutating func remove(_ slot: UInt32) {
    precondition(rows[Int(slot)].state.isTerminal, "only an attempt that has ended is removed")
    free.append(slot)
  }

  subscript(slot: UInt32) -> AttemptRow {
    rows[Int(slot)]
  }

  mutating func setState(_ state: TaskState, of slot: UInt32) {
    precondition(!rows[Int(slot)].state.isTerminal, "an attempt that has ended is moved")
    precondition(state.isActive, "an attempt ends by `end`")
    rows[Int(slot)].state = state
  }

  /// The caller passes one counted use of `error` on to the attempt.
  mutating func end(_ slot: UInt32, as state: TaskState, atMs: Int64, error: TextID, exitCode: Int32?) {
    precondition(!rows[Int(slot)].state.isTerminal, "an attempt ends once")
    precondition(state.isTerminal, "an attempt ends in a terminal state")
    rows[Int(slot)].state = state
    rows[Int(slot)].endedMs = atMs
    rows[Int(slot)].error = error
    rows[Int(slot)].exitCode = exitCode ?? 0
    rows[Int(slot)].hasExitCode = exitCode != nil
  }

  /// Attempts in use.
  var count: Int { rows.count - free.count }
}
