import EventModel

/// The jobs that wait to be placed, by the shape of what they ask for, each shape's in scheduling order.
///
/// Of each shape one job is asked for next, its candidate: the oldest that has not been proposed. A shape for which
/// nobody has enough capacity is not looked at. One that was refused although some worker has enough has no candidate any
/// more, until capacity is gained that could matter to it: of each resource on some worker as much as one of its tasks
/// needs.
///
/// The scheduler's own notes: no part of the state beyond the jobs in it, neither saved nor hashed.
struct WaitingJobs: ~Copyable, Sendable {
  struct Shape: Sendable {
    let ask: AskShape
    var jobs = 0
    /// Nil when none is left to be asked for.
    var candidate: QueueKey?
    /// One was refused for all: who comes later need not be asked for.
    var isClosed = false
    /// Some worker had enough for a task of a job that was refused.
    var isRefusedByPolicy = false
    /// One was refused because no worker had enough.
    var isWithoutRoom = false
    /// One was refused while workers were kept for a job that waits for long.
    var isRefusedForReservation = false
    var frontier = SearchFrontier()
    var emptyFleet: EmptyFleet?
    /// None of its jobs might have been assigned before.
    var earliestMs = Int64.max
    /// Of a gang that was refused: tasks for which there was no room, and what had been gained by then.
    var missingTasks = 0
    var gainsBefore = Gains()
  }

  /// Capacity that was gained so far, all told, and how often.
  struct Gains: BitwiseCopyable, Sendable {
    var amounts = Amounts()
    var count: Int64 = 0

    /// Can there be room for so many more tasks as it was then? A gain makes room for one more than its size says, at
    /// most: as much as it has of the resource that was short, whichever that was.
    func maySuffice(for tasks: Int, of ask: Amounts, since before: Gains) -> Bool {
      guard tasks > 0 else { return true }
      var room = count &- before.count
      for resource in 0..<ask.width where ask[resource] > 0 {
        let gained = amounts[resource] &- before.amounts[resource]
        // So much was gained that the sum went over its end.
        guard gained >= 0 else { return true }
        room &+= gained / ask[resource]
      }
      return room >= tasks || ask == Amounts()
    }
  }

  /// For how many tasks there would be room, at most, if all workers were empty.
  struct EmptyFleet: BitwiseCopyable, Sendable {
    var room: Int
    /// Of the fleet, by then.
    var changes: UInt64
  }

  private(set) var shapes: [Shape] = []
  private var slots: [AskShape: UInt32] = [:]
  private var freeSlots: [UInt32] = []
  /// Shapes without jobs, kept for a while: most come again.
  private var idle: [UInt32] = []
  private static var idleShapes: Int { 256 }
  /// For whom workers were kept when shapes were last refused for that.
  private var reserver: QueueKey?
  private var queue = SortedKeys<ShapedKey>()
  private var candidates = CandidatesBySize()
  /// The shapes without a candidate.
  private var exhausted = SortedKeys<SizeKey>()
  /// Of each resource the most that any worker had free when capacity was gained there, since the last pass began.
  private var gained = Amounts.none
  /// The last call asked in vain as often as it may, and the next goes on from there.
  var isPassUnderWay = false
  private var gains = Gains()
  /// None of the jobs might have been assigned before.
  private var earliestMs = Int64.max
  private var hasChanged = false
  /// A refusal is for one job: the candidate goes on behind it, and does not go back within a pass.
  var asksEachJob = false
  private let place = FixedPlace()

  /// May there be anything to propose? False once a pass has ended and nothing has changed since.
  var hasWork: Bool { hasChanged && queue.count > 0 }

  // MARK: jobs

  /// Takes in a job and returns the slot of its shape.
  ///
  /// - Parameter sinceMs: since when it might have been assigned.
  mutating func insert(_ job: QueueKey, _ ask: AskShape, sinceMs: Int64) -> UInt32 {
    let shape = slot(of: ask)
    let isFirst = shapes[Int(shape)].jobs == 0
    shapes[Int(shape)].earliestMs = isFirst ? sinceMs : min(shapes[Int(shape)].earliestMs, sinceMs)
    earliestMs = min(earliestMs, sinceMs)
    queue.insert(ShapedKey(shape: shape, job: job))
    shapes[Int(shape)].jobs += 1
    if shapes[Int(shape)].jobs > 1 {
      noteAsk(job, shape)
    } else {
      shapes[Int(shape)].isClosed = false
      shapes[Int(shape)].isRefusedByPolicy = false
      shapes[Int(shape)].isWithoutRoom = false
      shapes[Int(shape)].isRefusedForReservation = false
      shapes[Int(shape)].missingTasks = 0
      // It may be of other constraints by now.
      shapes[Int(shape)].frontier = SearchFrontier()
      shapes[Int(shape)].emptyFleet = nil
      shapes[Int(shape)].candidate = job
      candidates.set(size(shape), shapes[Int(shape)].ask.needed, to: job)
      hasChanged = true
    }
    return shape
  }

  mutating func remove(_ job: QueueKey, _ shape: UInt32) {
    queue.remove(ShapedKey(shape: shape, job: job))
    shapes[Int(shape)].jobs -= 1
    guard shapes[Int(shape)].jobs == 0 else {
      if shapes[Int(shape)].candidate == job { setCandidate(of: shape, to: next(after: job, shape)) }
      return
    }
    if shapes[Int(shape)].candidate == nil { exhausted.remove(size(shape)) } else { candidates.remove(size(shape)) }
    idle.append(shape)
    if idle.count > Self.idleShapes { forgetIdleShapes() }
  }

  private mutating func slot(of ask: AskShape) -> UInt32 {
    if let known = slots[ask] { return known }
    let shape = freeSlots.popLast() ?? UInt32(shapes.count)
    if shape == shapes.count { shapes.append(Shape(ask: ask)) } else { shapes[Int(shape)] = Shape(ask: ask) }
    slots[ask] = shape
    return shape
  }

  /// A shape is listed as often as it became idle, also when it has jobs again.
  private mutating func forgetIdleShapes() {
    for shape in idle where shapes[Int(shape)].jobs == 0 && slots[shapes[Int(shape)].ask] == shape {
      slots[shapes[Int(shape)].ask] = nil
      freeSlots.append(shape)
    }
    idle.removeAll(keepingCapacity: true)
  }

  /// A task of a job that waits already has become PENDING.
  mutating func noteAsk(_ job: QueueKey, _ shape: UInt32) {
    guard let candidate = shapes[Int(shape)].candidate else {
      if !shapes[Int(shape)].isClosed { return setCandidate(of: shape, to: job) }
      // A reservation does not bind jobs before the one that it is for.
      if shapes[Int(shape)].isRefusedForReservation, let reserver, job < reserver { rewind(shape) }
      return
    }
    guard job < candidate else { return }
    if asksEachJob {
      gained.formMaximum(shapes[Int(shape)].ask.needed)
      hasChanged = true
    } else {
      setCandidate(of: shape, to: job)
    }
  }

  // MARK: passes

  /// A worker has gained capacity.
  mutating func noteGain(
    of asks: borrowing AmountTable, _ place: Range<Int>, on worker: Int, _ cluster: inout ClusterView
  ) {
    noteGain(of: asks.values.span.extracting(place), on: worker, &cluster)
  }

  mutating func noteGain(of amounts: Span<Int64>, on worker: Int, _ cluster: inout ClusterView) {
    cluster.gains.note(worker)
    // One that gets no tasks has gained nothing.
    guard queue.count > 0, cluster.capacity.raise(&gained, at: worker) else { return }
    gains.amounts.add(amounts)
    gains.count &+= 1
    hasChanged = true
  }

  /// Everything may fit that did not.
  mutating func noteUncountedGain() {
    guard queue.count > 0 else { return }
    gained = .unlimited
    gains.count &+= Int64(Limits.replicas.upperBound)
    hasChanged = true
  }

  /// There may be something to propose for another reason.
  mutating func noteChange() { hasChanged = true }

  /// The oldest job that is to be asked for, of those whose tasks need no more than `free` of anything.
  func oldest(upTo free: Amounts) -> QueueKey? {
    candidates.oldest(upTo: free, shapes)
  }

  /// Begins a pass, unless one is under way: what is gained in the middle of one that asks in vain does not keep it from
  /// its end. The shapes to which what was gained could matter are asked for anew.
  mutating func beginPass() {
    guard !isPassUnderWay else { return }
    var next = exhausted.first
    while let key = next, key.cpu <= gained.milliCPU {
      next = exhausted.first(after: key)
      if mayHaveGained(key.shape), maySuffice(key.shape) { rewind(key.shape) }
    }
    if asksEachJob {
      for shape in shapes.indices where shapes[shape].jobs > 0 && mayHaveGained(UInt32(shape)) { rewind(UInt32(shape)) }
    }
    gained = .none
  }

  /// Asks anew for what was refused for the sake of a job that keeps no workers any more.
  ///
  /// - Parameters:
  ///   - reserver: the job that keeps some.
  ///   - job: the next to be asked for; nil at the end of the queue.
  /// - Returns: false when nothing was refused for another, or that one's turn has not come.
  mutating func askAnew(besides reserver: QueueKey?, before job: QueueKey?) -> Bool {
    guard let before = self.reserver, before != reserver else { return false }
    if reserver == nil, let job, !(before < job) { return false }
    self.reserver = nil
    for shape in shapes.indices where shapes[shape].jobs > 0 && shapes[shape].isRefusedForReservation {
      rewind(UInt32(shape))
    }
    return true
  }

  /// Could what was gained matter to a shape?
  private func mayHaveGained(_ shape: UInt32) -> Bool {
    shapes[Int(shape)].ask.needed.fits(in: gained)
  }

  private func maySuffice(_ shape: UInt32) -> Bool {
    gains.maySuffice(
      for: shapes[Int(shape)].missingTasks, of: shapes[Int(shape)].ask.amounts, since: shapes[Int(shape)].gainsBefore)
  }

  /// Nothing is left to ask for.
  mutating func endPass() {
    hasChanged = gained.milliCPU > .min
  }

  /// Goes on behind a job that was proposed.
  mutating func passOver(_ job: QueueKey, _ shape: UInt32) {
    setCandidate(of: shape, to: next(after: job, shape))
  }

  /// Notes that a job was refused: for all of its shape, or for itself where each is asked for.
  ///
  /// - Parameter missingTasks: of a gang, for how many there is no room; 0 when some worker has room for one, and the
  ///   policy did not choose it, or when it is to be asked for whatever is gained.
  /// - Parameter reserver: a job that waits for long, for which workers were kept.
  mutating func refuse(
    _ job: QueueKey, _ shape: UInt32, byPolicy: Bool, keptFor reserver: QueueKey?, missingTasks: Int = 0
  ) {
    if let reserver {
      self.reserver = reserver
      shapes[Int(shape)].isRefusedForReservation = true
    }
    if byPolicy { shapes[Int(shape)].isRefusedByPolicy = true } else { shapes[Int(shape)].isWithoutRoom = true }
    shapes[Int(shape)].missingTasks = missingTasks
    shapes[Int(shape)].gainsBefore = gains
    if asksEachJob { return passOver(job, shape) }
    shapes[Int(shape)].isClosed = true
    setCandidate(of: shape, to: nil)
  }

  /// Asks for a shape from its oldest job on, if none of its jobs is left to be asked for.
  mutating func reopen(_ shape: UInt32) {
    if shapes[Int(shape)].candidate == nil { rewind(shape) }
  }

  /// Asks for a shape from its oldest job on.
  mutating func rewind(_ shape: UInt32) {
    shapes[Int(shape)].isClosed = false
    shapes[Int(shape)].isRefusedByPolicy = false
    shapes[Int(shape)].isWithoutRoom = false
    shapes[Int(shape)].isRefusedForReservation = false
    shapes[Int(shape)].missingTasks = 0
    let head = queue.first(atOrAfter: ShapedKey(shape: shape, job: .first))
    setCandidate(of: shape, to: head?.job)
  }

  // MARK: long waits

  /// Might some job have been assigned before a time?
  mutating func hasWaited(sinceMs: Int64) -> Bool {
    guard queue.count > 0, earliestMs < sinceMs else { return false }
    earliestMs = .max
    for shape in shapes where shape.jobs > 0 { earliestMs = min(earliestMs, shape.earliestMs) }
    return earliestMs < sinceMs
  }

  /// The shapes for which no worker had enough.
  var withoutRoom: [Int] { shapes.indices.filter { shapes[$0].jobs > 0 && shapes[$0].isWithoutRoom } }

  mutating func note(_ frontier: SearchFrontier, of shape: UInt32) {
    shapes[Int(shape)].frontier = frontier
  }

  mutating func note(_ emptyFleet: EmptyFleet, of shape: UInt32) {
    shapes[Int(shape)].emptyFleet = emptyFleet
  }

  mutating func setEarliest(_ timeMs: Int64, of shape: Int) {
    shapes[shape].earliestMs = timeMs
  }

  /// The first job of a shape, in scheduling order.
  func firstJob(of shape: UInt32) -> QueueKey? {
    let head = queue.first(atOrAfter: ShapedKey(shape: shape, job: .first))
    return head?.shape == shape ? head?.job : nil
  }

  func nextJob(after job: QueueKey, of shape: UInt32) -> QueueKey? { next(after: job, shape) }

  // MARK: what it knows

  /// Will a job be asked for once its turn comes?
  ///
  /// - Parameter isReserved: does a job that waits for long keep workers?
  func willAsk(for job: QueueKey, _ shape: UInt32, isReserved: Bool) -> Bool {
    shapes[Int(shape)].candidate.map { $0 <= job } == true || mayHaveGained(shape)
      || shapes[Int(shape)].isRefusedForReservation && !isReserved
  }

  /// Every job, by shape. O(jobs).
  var all: [ShapedKey] {
    var keys: [ShapedKey] = []
    keys.reserveCapacity(queue.count)
    var next = queue.first
    while let key = next {
      keys.append(key)
      next = queue.first(after: key)
    }
    return keys
  }

  private func size(_ shape: UInt32) -> SizeKey {
    SizeKey(shapes[Int(shape)].ask, shape: shape)
  }

  private func next(after job: QueueKey, _ shape: UInt32) -> QueueKey? {
    let next = queue.first(after: ShapedKey(shape: shape, job: job))
    return next?.shape == shape ? next?.job : nil
  }

  private mutating func setCandidate(of shape: UInt32, to job: QueueKey?) {
    let before = shapes[Int(shape)].candidate
    guard before != job else { return }
    if before == nil { exhausted.remove(size(shape)) }
    shapes[Int(shape)].candidate = job
    guard let job else {
      candidates.remove(size(shape))
      return exhausted.insert(size(shape))
    }
    candidates.set(size(shape), shapes[Int(shape)].ask.needed, to: job)
    hasChanged = true
  }
}
