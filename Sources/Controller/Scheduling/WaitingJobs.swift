/// The jobs that wait to be placed, by the shape of what they ask for, each shape's in scheduling order.
///
/// Of each shape one job is asked for next, its candidate: the oldest that has not been proposed. A shape for which
/// nobody has enough capacity is not looked at. One that was refused although some worker has enough has no candidate any
/// more, until capacity is gained that could matter to it: on one worker at least as much as one of its tasks needs.
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
    /// Of a gang that was refused: tasks for which there was no room, and what had been gained by then.
    var missingTasks = 0
    var gainsBefore = Gains()
  }

  /// Capacity that was gained so far, all told, and how often.
  struct Gains: BitwiseCopyable, Sendable {
    var milliCPU: Int64 = 0
    var count: Int64 = 0

    /// Can there be room for so many more tasks as it was then? A gain makes room for one more than its size says, at
    /// most.
    func maySuffice(for tasks: Int, of milliCPU: Int64, since before: Gains) -> Bool {
      guard tasks > 0, milliCPU > 0 else { return true }
      return (self.milliCPU &- before.milliCPU) / milliCPU + (count &- before.count) >= tasks
    }
  }

  private(set) var shapes: [Shape] = []
  private var slots: [AskShape: UInt32] = [:]
  private var freeSlots: [UInt32] = []
  /// Shapes without jobs, kept for a while: most come again.
  private var idle: [UInt32] = []
  private static var idleShapes: Int { 256 }
  private var queue = SortedKeys<ShapedKey>()
  private var candidates = CandidatesBySize()
  /// The shapes without a candidate.
  private var exhausted = SortedKeys<SizeKey>()
  /// The most that any worker had free when capacity was gained there, since the last pass began.
  private var gainedMilliCPU = Int64.min
  /// The last call asked in vain as often as it may, and the next goes on from there.
  var isPassUnderWay = false
  private var gains = Gains()
  private var hasChanged = false
  /// A refusal is for one job: the candidate goes on behind it, and does not go back within a pass.
  var asksEachJob = false

  /// May there be anything to propose? False once a pass has ended and nothing has changed since.
  var hasWork: Bool { hasChanged && queue.count > 0 }

  // MARK: jobs

  /// Takes in a job and returns the slot of its shape.
  mutating func insert(_ job: QueueKey, _ ask: AskShape) -> UInt32 {
    let shape = slot(of: ask)
    queue.insert(ShapedKey(shape: shape, job: job))
    shapes[Int(shape)].jobs += 1
    if shapes[Int(shape)].jobs > 1 {
      noteAsk(job, shape)
    } else {
      shapes[Int(shape)].isClosed = false
      shapes[Int(shape)].isRefusedByPolicy = false
      shapes[Int(shape)].missingTasks = 0
      shapes[Int(shape)].candidate = job
      candidates.set(size(shape), to: job)
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
      if !shapes[Int(shape)].isClosed { setCandidate(of: shape, to: job) }
      return
    }
    guard job < candidate else { return }
    if asksEachJob {
      noteGain(of: 0, freeMilliCPU: shapes[Int(shape)].ask.neededMilliCPU)
    } else {
      setCandidate(of: shape, to: job)
    }
  }

  // MARK: passes

  /// A worker has gained capacity and has so much free now.
  mutating func noteGain(of milliCPU: Int64, freeMilliCPU: Int64) {
    guard queue.count > 0 else { return }
    gains.milliCPU &+= milliCPU
    gains.count &+= 1
    gainedMilliCPU = max(gainedMilliCPU, freeMilliCPU)
    hasChanged = true
  }

  /// The oldest job that is to be asked for, of those whose tasks need at most `milliCPU`.
  func oldest(upTo milliCPU: Int64) -> QueueKey? {
    candidates.oldest(upTo: milliCPU)
  }

  /// Begins a pass, unless one is under way: what is gained in the middle of one that asks in vain does not keep it from
  /// its end. The shapes to which what was gained could matter are asked for anew.
  mutating func beginPass() {
    guard !isPassUnderWay else { return }
    var next = exhausted.first
    while let key = next, key.milliCPU <= gainedMilliCPU {
      next = exhausted.first(after: key)
      let shape = shapes[Int(key.shape)]
      if gains.maySuffice(for: shape.missingTasks, of: shape.ask.milliCPU, since: shape.gainsBefore) {
        rewind(key.shape)
      }
    }
    if asksEachJob {
      for shape in shapes.indices where shapes[shape].jobs > 0 && shapes[shape].ask.neededMilliCPU <= gainedMilliCPU {
        rewind(UInt32(shape))
      }
    }
    gainedMilliCPU = .min
  }

  /// Nothing is left to ask for.
  mutating func endPass() {
    hasChanged = gainedMilliCPU > .min
  }

  /// Goes on behind a job that was proposed.
  mutating func passOver(_ job: QueueKey, _ shape: UInt32) {
    setCandidate(of: shape, to: next(after: job, shape))
  }

  /// Notes that a job was refused: for all of its shape, or for itself where each is asked for.
  ///
  /// - Parameter missingTasks: of a gang, for how many there is no room; 0 when some worker has room for one, and the
  ///   policy did not choose it, or when it is to be asked for whatever is gained.
  mutating func refuse(_ job: QueueKey, _ shape: UInt32, byPolicy: Bool, missingTasks: Int = 0) {
    if byPolicy { shapes[Int(shape)].isRefusedByPolicy = true }
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
    shapes[Int(shape)].missingTasks = 0
    let head = queue.first(atOrAfter: ShapedKey(shape: shape, job: .first))
    setCandidate(of: shape, to: head?.job)
  }

  // MARK: what it knows

  /// Will a job be asked for once its turn comes?
  func willAsk(for job: QueueKey, _ shape: UInt32) -> Bool {
    guard let candidate = shapes[Int(shape)].candidate else {
      return shapes[Int(shape)].ask.neededMilliCPU <= gainedMilliCPU
    }
    return candidate <= job || shapes[Int(shape)].ask.neededMilliCPU <= gainedMilliCPU
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
    SizeKey(milliCPU: shapes[Int(shape)].ask.neededMilliCPU, shape: shape)
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
    candidates.set(size(shape), to: job)
    hasChanged = true
  }
}
