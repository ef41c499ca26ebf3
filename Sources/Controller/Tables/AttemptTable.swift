import EventModel

/// One try of a task on one worker. The attempts of a task are a list from the newest to the oldest.
struct AttemptRow: BitwiseCopyable, Sendable {
  var previous = noSlot
  var number: UInt32
  var worker: WorkerHandle
  var startedMs: Int64
  /// When it came to its state; while it is ASSIGNED, when its delivery was last waited for anew, which is no part of the
  /// state.
  var stateMs: Int64
  /// Counted uses in the cluster's pool of names and in the pool of errors.
  var workerName: TextID
  var error: TextID = .none
  var exitCode: Int32 = 0
  var hasExitCode = false
  /// 0 for none.
  private var endReasonCode: UInt8 = 0
  var state: TaskState = .assigned

  var endReason: EndReason? {
    get { EndReason(rawValue: endReasonCode) }
    set { endReasonCode = newValue?.rawValue ?? 0 }
  }

  /// Above the state's.
  var endReasonBits: UInt32 { UInt32(endReasonCode) << 8 }

  var endedMs: Int64? { state.isTerminal ? stateMs : nil }

  /// Since when it is RUNNING.
  var runningMs: Int64? { state == .running ? stateMs : nil }

  mutating func end(as state: TaskState, atMs: Int64, error: TextID, exitCode: Int32?, endReason: EndReason?) {
    precondition(!self.state.isTerminal, "an attempt ends once")
    self.state = state
    stateMs = atMs
    self.error = error
    self.endReason = endReason
    self.exitCode = exitCode ?? 0
    hasExitCode = exitCode != nil
  }

  init(
    previous: UInt32, number: UInt32, worker: WorkerHandle, workerName: TextID, startedMs: Int64, stateMs: Int64
  ) {
    self.previous = previous
    self.number = number
    self.worker = worker
    self.workerName = workerName
    self.startedMs = startedMs
    self.stateMs = stateMs
  }
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

  func hasFailed(_ slot: UInt32) -> Bool { rows[Int(slot)].state == .failed }

  subscript(slot: UInt32) -> AttemptRow {
    rows[Int(slot)]
  }

  mutating func setState(_ state: TaskState, of slot: UInt32, atMs: Int64) {
    precondition(!rows[Int(slot)].state.isTerminal, "an attempt that has ended is moved")
    precondition(state.isActive, "an attempt ends by `end`")
    rows[Int(slot)].state = state
    rows[Int(slot)].stateMs = atMs
  }

  /// Waits for the delivery of an ASSIGNED attempt from `timeMs` on.
  mutating func restartDelivery(_ slot: UInt32, atMs timeMs: Int64) {
    precondition(rows[Int(slot)].state == .assigned, "only an ASSIGNED attempt is delivered")
    rows[Int(slot)].stateMs = timeMs
  }

  /// What its worker said when its process had ended; the caller passes one counted use of `error` on, and takes over that
  /// of the error before it, which is returned.
  mutating func noteStop(_ slot: UInt32, error: TextID, exitCode: Int32?, endReason: EndReason?) -> TextID {
    let before = rows[Int(slot)].error
    if !error.isNone { rows[Int(slot)].error = error }
    if let exitCode {
      rows[Int(slot)].exitCode = exitCode
      rows[Int(slot)].hasExitCode = true
    }
    if let endReason { rows[Int(slot)].endReason = endReason }
    return error.isNone ? .none : before
  }

  /// The caller passes one counted use of `error` on to the attempt.
  mutating func end(
    _ slot: UInt32, as state: TaskState, atMs: Int64, error: TextID, exitCode: Int32?, endReason: EndReason?
  ) {
    precondition(state.isTerminal, "an attempt ends in a terminal state")
    rows[Int(slot)].end(as: state, atMs: atMs, error: error, exitCode: exitCode, endReason: endReason)
  }

  /// Attempts in use.
  var count: Int { rows.count - free.count }
}
