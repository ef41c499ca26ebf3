import EventModel

/// What every heartbeat and the liveness sweep touch of a worker: 16 bytes, so a heartbeat reads one cache line.
@usableFromInline
struct LivenessRow: BitwiseCopyable, Sendable {
  /// `Int64.max` in a row that holds no worker: it never looks overdue.
  @usableFromInline var lastHeartbeatMs: Int64 = .max
  @usableFromInline var generation: UInt32 = 1
  /// Failed heartbeats in a row; negative in a row that holds no worker.
  @usableFromInline var consecutiveFailures: Int16 = -1
  /// Through whom the worker was last heard of, by a number of the caller's; 0 for none. No part of the state.
  @usableFromInline var carrier: UInt16 = 0
}

/// What placements touch of a worker.
struct WorkerRow: BitwiseCopyable, Sendable {
  /// Of its active tasks and those that stop.
  var firstRunning = noSlot
  var runningCount: UInt32 = 0
  /// Tasks whose newest attempts stop here: in the same list.
  var stoppingCount: UInt32 = 0
  /// A counted use in the pool of names.
  var name: TextID = .none
  /// A slot of the table of zones.
  var zone = ZoneTable.rest
}

/// What people read about a worker.
public struct WorkerDetail: Hashable, Sendable {
  public var address = ""
  public var metadata = WorkerMetadata()
  public var incarnation: String?

  public init(address: String = "", metadata: WorkerMetadata = WorkerMetadata(), incarnation: String? = nil) {
    self.address = address
    self.metadata = metadata
    self.incarnation = incarnation
  }
}

/// The registered workers and their free capacity, as a scheduling policy sees them.
///
/// While placements are being proposed, the free capacity accounts for the proposals made so far.
public struct ClusterView: ~Copyable, Sendable {
  @usableFromInline var liveness: [LivenessRow] = []
  var rows: [WorkerRow] = []
  /// What each worker has, and what its tasks hold.
  var totals = AmountTable()
  var committed = AmountTable()
  var details: [WorkerDetail] = []
  var capacity = CapacityTree()
  var kinds = DeviceKinds()
  var zones = ZoneTable()
  /// Workers that nothing has been heard of for too long and that a brake keeps from being lost: they get no new tasks.
  private var suspended = CountedSlotSet()
  /// Workers that get no tasks by order of an operator.
  private var draining = CountedSlotSet()
  /// Workers that say of each task that it stopped.
  private var confirming = CountedSlotSet()
  var rules = ConstraintTable()
  /// Workers that are kept for an older ask, while those behind it are placed.
  var reserved = WorkerSet()
  var isReservationOn = false
  var reservationNumber: UInt64 = 0
  /// Where capacity was gained.
  var gains = ChangeLog()
  /// Those that the present census has counted as silent, and as overdue: no part of the state.
  var silent = SlotSet()
  var overdue = SlotSet()
  /// Names outlive their workers in the attempts that ran there.
  var names = TextPool()
  private var slotsByName = NameIndex()
  private(set) var freeSlotStack = SlotStack(.freeWorkerSlot)
  private var leaving: Int?
  private let place = FixedPlace()

  init() {}

  /// - Parameter total: its capacity, whose kinds of devices it uses from here on.
  mutating func add(
    name: String, _ detail: WorkerDetail, total: Amounts, heartbeatMs: Int64, isDraining: Bool
  ) -> Int {
    let slot: Int
    if let free = freeSlotStack.pop() {
      slot = Int(free)
    } else {
      slot = rows.count
      growToSlots(slot + 1)
    }
    precondition(!isOccupied(slot), "two workers cannot share a slot")
    liveness[slot].lastHeartbeatMs = heartbeatMs
    liveness[slot].consecutiveFailures = 0
    rows[slot] = WorkerRow()
    totals[slot] = total
    rows[slot].name = names.add(name)
    rows[slot].zone = zones.join(detail.metadata.zone)
    details[slot] = detail
    slotsByName.insert(name, slot: slot)
    noteMetadata(slot)
    if isDraining { draining.insert(slot) }
    updateCapacity(slot)
    return slot
  }

  /// Frees the row of a worker that runs nothing; its handle is stale from here on.
  mutating func remove(_ slot: Int) {
    precondition(rows[slot].firstRunning == noSlot, "a worker with running tasks cannot be removed")
    slotsByName.remove(name(slot), slot: slot)
    names.release(rows[slot].name)
    forgetSilence(of: slot)
    zones.leave(rows[slot].zone)
    kinds.release(totals[slot])
    endSuspension(slot)
    draining.remove(slot)
    let next = liveness[slot].generation &+ 1
    liveness[slot] = LivenessRow(generation: next == 0 ? 1 : next)
    rows[slot] = WorkerRow()
    totals[slot] = Amounts()
    details[slot] = WorkerDetail()
    capacity.remove(slot)
    leaving = nil
    freeSlotStack.push(UInt32(slot))
  }

  /// Fills an empty table. Free capacity is brought up to date by `restoreCapacity`, once the tasks are there.
  mutating func restore(_ saved: SavedState, heartbeatMs: Int64) {
    let count = saved.workerGenerations.count
    names.restore(saved.workerNames)
    liveness = saved.workerGenerations.map { LivenessRow(generation: $0) }
    rows = Array(repeating: WorkerRow(), count: count)
    totals.grow(toRows: count)
    committed.grow(toRows: count)
    growSets(toSlots: count)
    var slotNames: [(name: String, slot: Int)] = []
    slotNames.reserveCapacity(saved.workers.count)
    for (worker, detail) in zip(saved.workers, saved.workerDetails) {
      let slot = Int(worker.slot)
      precondition(!isOccupied(slot), "two workers cannot share a slot")
      liveness[slot].lastHeartbeatMs = heartbeatMs
      liveness[slot].consecutiveFailures = worker.consecutiveFailures
      totals[slot] = restoreKinds(detail.metadata.capacity)
      rows[slot].name = TextID(rawValue: worker.name)
      rows[slot].zone = zones.join(detail.metadata.zone)
      if detail.metadata.confirmsStops { confirming.insert(slot) }
      names.retain(rows[slot].name)
      slotNames.append((saved.workerNames[Int(worker.name)], slot))
    }
    slotsByName.insertAll(slotNames)
    restoreDetails(saved, count)
    for drain in saved.drains {
      if let slot = slot(named: drain.worker) { draining.insert(slot) }
    }
    freeSlotStack.replaceAll(with: saved.freeWorkerSlots)
  }

  /// Of what is saved, which has no more kinds than there may be.
  mutating func restoreKinds(_ resources: Resources) -> Amounts {
    guard let amounts = kinds.retain(resources) else {
      preconditionFailure("the saved state has too many kinds of devices")
    }
    return amounts
  }

  private mutating func restoreDetails(_ saved: SavedState, _ count: Int) {
    if saved.workers.count == count {
      // No slot is free, so they stand as they are.
      details = saved.workerDetails
      return
    }
    details = Array(repeating: WorkerDetail(), count: count)
    for (worker, detail) in zip(saved.workers, saved.workerDetails) { details[Int(worker.slot)] = detail }
  }

  /// The tree of free capacity, made of the rows alone.
  mutating func restoreCapacity() {
    capacity.setAll(rows.indices.map { isOccupied($0) && !isClosed($0) ? free($0) : nil })
  }

  private mutating func growToSlots(_ count: Int) {
    while rows.count < count {
      liveness.append(LivenessRow())
      rows.append(WorkerRow())
      details.append(WorkerDetail())
    }
    totals.grow(toRows: count)
    committed.grow(toRows: count)
    capacity.grow(toSlots: count)
    growSets(toSlots: count)
  }

  private mutating func growSets(toSlots count: Int) {
    suspended.grow(toSlots: count)
    draining.grow(toSlots: count)
    confirming.grow(toSlots: count)
    silent.grow(toSlots: count)
    overdue.grow(toSlots: count)
  }

  /// Brings the tree of free capacity up to date with the row.
  mutating func updateCapacity(_ slot: Int) {
    if isClosed(slot) { return }
    capacity.setFree(totals, committed, at: slot)
  }

  /// A worker has said something about itself.
  mutating func noteMetadata(_ slot: Int) {
    if details[slot].metadata.confirmsStops { confirming.insert(slot) } else { confirming.remove(slot) }
    if rules.isInUse { rules.noteWorker(slot, details[slot].metadata.attributes) }
  }

  /// The rule of constraints that a job has from here on: `rules.release` ends that.
  mutating func retainRule(_ constraints: Constraints) -> PlacementRule {
    let (details, liveness) = (details, liveness)
    return rules.retain(constraints, slots: rows.count) { slot in
      liveness[slot].consecutiveFailures < 0 ? nil : details[slot].metadata.attributes
    }
  }

  func confirmsStops(_ slot: Int) -> Bool { confirming.contains(slot) }

  func isDraining(_ slot: Int) -> Bool { draining.contains(slot) }

  mutating func setDraining(_ slot: Int, _ isDraining: Bool) {
    if isDraining {
      draining.insert(slot)
      capacity.remove(slot)
    } else {
      draining.remove(slot)
      updateCapacity(slot)
    }
  }

  /// It gets no tasks, for whatever reason.
  func isClosed(_ slot: Int) -> Bool { isSuspended(slot) || isDraining(slot) || slot == leaving }

  /// A worker is about to be removed: other tasks cannot use what its own give back until then.
  mutating func beginRemoval(_ slot: Int) {
    leaving = slot
    capacity.remove(slot)
  }

  /// What a worker has and no task holds, whether it gets tasks or not.
  func free(_ slot: Int) -> Amounts { totals[slot] - committed[slot] }

  /// Is what is asked for free on a worker, whether it gets tasks or not?
  func isFree(_ asks: borrowing AmountTable, _ place: Range<Int>, _ slot: Int) -> Bool {
    let needed = asks.values.span.extracting(place)
    for column in needed.indices where needed[column] != 0 {
      guard needed[column] <= totals[slot, column] &- committed[slot, column] else { return false }
    }
    return true
  }

  /// - Returns: whether it was in another one.
  mutating func moveToZone(_ zone: String, _ slot: Int) -> Bool {
    let before = rows[slot].zone
    // Joins before it leaves, so that a zone that it stays in keeps its slot.
    let joined = zones.join(zone)
    if joined != before { forgetSilence(of: slot) }
    zones.leave(before)
    rows[slot].zone = joined
    return joined != before
  }

  /// Keeps new tasks from a worker.
  mutating func suspend(_ slot: Int) {
    guard !isSuspended(slot) else { return }
    suspended.insert(slot)
    capacity.remove(slot)
  }

  mutating func endSuspension(_ slot: Int) {
    guard isSuspended(slot) else { return }
    suspended.remove(slot)
    updateCapacity(slot)
  }

  /// The first suspended worker at or after `slot`.
  func firstSuspended(from slot: Int) -> Int? {
    slot < rows.count ? suspended.first(in: slot..<rows.count) : nil
  }

  func isSuspended(_ slot: Int) -> Bool { suspended.contains(slot) }

  var suspendedCount: Int { suspended.count }

  func isOccupied(_ slot: Int) -> Bool {
    liveness[slot].consecutiveFailures >= 0
  }

  func slot(of handle: WorkerHandle) -> Int? {
    let slot = Int(handle.index)
    guard slot < liveness.count, liveness[slot].generation == handle.generation, isOccupied(slot) else { return nil }
    return slot
  }

  func slot(named name: String) -> Int? {
    slotsByName.slot(named: name) { self.name($0) }
  }

  func handle(_ slot: Int) -> WorkerHandle {
    WorkerHandle(index: UInt32(slot), generation: liveness[slot].generation)
  }

  func name(_ slot: Int) -> String {
    names.text(rows[slot].name)
  }

  func subject(_ slot: Int) -> Subject {
    .worker(handle(slot), name: name(slot))
  }

  func identity(_ slot: Int) -> WorkerIdentity {
    WorkerIdentity(handle: handle(slot), name: name(slot))
  }
}
