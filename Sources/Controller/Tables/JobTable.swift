import EventModel

/// What the state machine's decisions about a job rest on.
struct JobRow: BitwiseCopyable, Sendable {
  var generation: UInt32 = 1
  var isOccupied = false
  var state: JobState = .pending
  var isCoscheduled = false
  /// What was not committed as proposed is not proposed again for a while; the scheduler's own note.
  var isPlacementHeld = false
  /// Higher ones are placed first.
  var priority: Int8 = 0
  /// Numbers of what it asks for, from the first to the last that is not 0.
  fileprivate(set) var askWidth: UInt8 = 1
  /// Some task ever had an attempt.
  var everStarted = false
  var firstTask: UInt32 = 0
  var taskCount: Int32 = 0
  var depth: Int32 = 0
  /// PENDING tasks that are not ready.
  var unready: Int32 = 0
  /// Tasks whose newest attempts stop.
  var stopping: Int32 = 0
  /// Which workers may have its tasks, while it waits to be placed.
  var rule = ConstraintTable.none
  /// While it waits to be placed: a slot of the table of shapes.
  var shape = noSlot
  /// Links of the tree of jobs. A pruned job's children belong to its parent from then on.
  var parent = noSlot
  var firstChild = noSlot
  var lastChild = noSlot
  var previousSibling = noSlot
  var nextSibling = noSlot
  /// The ended jobs in the order of their ends.
  var endedBefore = noSlot
  var endedAfter = noSlot
  var maxRetriesFailure: Int32 = 0
  var maxRetriesPreemption: Int32 = 0
  var maxTaskFailures: Int32 = 0
  /// 0 for none.
  var runTimeoutMs: Int64 = 0
  var submittedMs: Int64 = 0
  var rootSubmittedMs: Int64 = 0
  /// Meaningful once the state is terminal.
  var endedMs: Int64 = 0
  var deadlineMs: Int64?
  /// Counts the jobs in the order of their submission, from 1.
  var insertionNumber: UInt64 = 0
  /// Of what never changes about the job.
  var requestDigest: UInt64 = 0
  var counts = TaskStateCounts()

  /// It has ended, and no process of it may still run.
  var isOver: Bool { state.isTerminal && stopping == 0 }

  var taskSlots: Range<Int> {
    Int(firstTask)..<(Int(firstTask) + Int(taskCount))
  }
}

/// What people read about a job.
struct JobDetail: Sendable {
  var name = ""
  var request = JobRequest()
  var parentName: String?
  var error: String?
}

/// All jobs, their names, their tree and the order of their ends.
struct JobTable: ~Copyable, Sendable {
  var rows: [JobRow] = []
  var details: [JobDetail] = []
  /// What each task holds. Without devices once the job is over.
  private(set) var asks = AmountTable()
  private var slotsByName = NameIndex()
  private(set) var freeSlotStack = SlotStack(.freeJobSlot)
  /// The sum of the digests of the links of the tree.
  var linkSum: UInt64 = 0
  /// The ends of the list of ended jobs.
  var firstEnded = noSlot
  var lastEnded = noSlot
  private let place = FixedPlace()

  mutating func add(_ row: JobRow, _ ask: Amounts, _ detail: JobDetail) -> Int {
    let slot: Int
    if let free = freeSlotStack.pop() {
      slot = Int(free)
    } else {
      slot = rows.count
      rows.append(JobRow())
      details.append(JobDetail())
      asks.grow(toRows: rows.count)
    }
    let generation = rows[slot].generation
    place(row, ask, detail, at: slot, generation: generation)
    return slot
  }

  mutating func place(_ row: JobRow, _ ask: Amounts, _ detail: JobDetail, at slot: Int, generation: UInt32) {
    precondition(!rows[slot].isOccupied, "two jobs cannot share a slot")
    precondition(generation > 0, "a generation of 0 is of no handle")
    rows[slot] = row
    rows[slot].generation = generation
    rows[slot].isOccupied = true
    setAsk(of: slot, ask)
    rows[slot].requestDigest = Self.requestDigest(row, detail)
    details[slot] = detail
    slotsByName.insert(detail.name, slot: slot)
  }

  /// Frees the row of an ended job: no list holds it any more and its handle is stale.
  mutating func remove(_ slot: Int) {
    precondition(rows[slot].isOccupied && rows[slot].isOver, "only a job that is over is removed")
    unlinkEnded(slot)
    unlinkFromTree(slot)
    slotsByName.remove(details[slot].name, slot: slot)
    let next = rows[slot].generation &+ 1
    rows[slot] = JobRow(generation: next == 0 ? 1 : next)
    details[slot] = JobDetail()
    freeSlotStack.push(UInt32(slot))
  }

  mutating func restoreSlots(generations: [UInt32], freeSlots: [UInt32]) {
    rows = generations.map { JobRow(generation: $0) }
    details = Array(repeating: JobDetail(), count: generations.count)
    asks.grow(toRows: generations.count)
    freeSlotStack.replaceAll(with: freeSlots)
  }

  func ask(_ slot: Int) -> Amounts { asks[slot] }

  /// Where the numbers of what it asks for are in `asks.values`.
  @inline(__always)
  func askPlace(_ slot: Int) -> Range<Int> {
    let start = slot &* asks.width
    return start..<(start &+ Int(rows[slot].askWidth))
  }

  mutating func setAsk(of slot: Int, _ ask: Amounts) {
    asks[slot] = ask
    rows[slot].askWidth = UInt8(ask.width)
  }

  /// The state of a job as a function of its tasks, the first rule that matches.
  func derivedState(_ job: Int) -> JobState {
    // Field by field: a copy of the row would be most of the work.
    if rows[job].counts[.succeeded] == Int(rows[job].taskCount) { return .succeeded }
    if rows[job].counts[.failed] > Int(rows[job].maxTaskFailures) { return .failed }
    if rows[job].counts[.unschedulable] > 0 { return .unschedulable }
    if rows[job].counts[.killed] > 0 { return .killed }
    let active = rows[job].counts.active
    if rows[job].counts[.pending] == 0, active == 0 {
      let counts = rows[job].counts
      let lost = counts[.workerFailed] + counts[.preempted] + counts[.coscheduledFailed]
      return lost > 0 ? .workerFailed : .failed
    }
    return active > 0 || rows[job].everStarted ? .running : .pending
  }

  /// Tasks that may be assigned: of a gang all that are PENDING, or none.
  @inline(__always)
  func schedulable(_ job: Int) -> Int {
    let unready = Int(rows[job].unready)
    return unready > 0 && rows[job].isCoscheduled ? 0 : rows[job].counts[.pending] - unready
  }

  func slot(of handle: JobHandle) -> Int? {
    let slot = Int(handle.index)
    guard slot < rows.count, rows[slot].generation == handle.generation, rows[slot].isOccupied else { return nil }
    return slot
  }

  func slot(named name: String) -> Int? {
    slotsByName.slot(named: name) { details[$0].name }
  }

  func handle(_ slot: Int) -> JobHandle {
    JobHandle(index: UInt32(slot), generation: rows[slot].generation)
  }

  func name(_ slot: Int) -> String {
    details[slot].name
  }

  func subject(_ slot: Int) -> Subject {
    .job(handle(slot), name: details[slot].name)
  }
}
