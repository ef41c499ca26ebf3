import EventModel
import SeededRandom
import Worker

/// Runs programs that take time and nothing else: what is started, ends and is stopped as on a machine.
final class SimulatedDriver: TaskDriver {
  struct Program {
    let launch: TaskLaunch
    var status: TaskStatus
    /// When a stop that was asked for is done (CLOCK_BOOTTIME).
    var stopDueNs: UInt64?
    /// The end is kept by the driver, as of a program that exits; what was stopped leaves nothing.
    var isKept: Bool { if case .ended = status { true } else { false } }
    var isAlive: Bool { !isKept }
  }

  var random: SeededGenerator
  private(set) var programs: [AttemptID: Program] = [:]
  /// Asked for, and not carried out.
  private var requested: [TaskLaunch] = []
  private var news: [TaskChange] = []
  private(set) var nowNs: UInt64 = 0
  /// What was started, ever.
  private(set) var started: Set<AttemptID> = []
  /// How programs ended by themselves.
  private(set) var codes: [AttemptID: Int32] = [:]
  /// Of an attempt that begins to run.
  var whenBegun: (AttemptID) -> Void = { _ in }

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  // MARK: As the worker sees it

  var name: String { "simulated" }
  var descriptors: [Int32] { [] }
  var wakeNs: UInt64 { .max }

  func list() -> [(id: AttemptID, status: TaskStatus)] {
    programs.sorted { $0.key.description < $1.key.description }.map { ($0.key, $0.value.status) }
  }

  func start(_ launch: TaskLaunch) {
    if let program = programs[launch.id] { return news.append(.status(launch.id, program.status)) }
    requested.append(launch)
  }

  func stop(_ id: AttemptID, signal: Int32, timeoutMs: Int64) {
    stop(id, timeoutMs: timeoutMs, fromNs: nowNs)
  }

  /// - Parameter ns: when it is asked for, which may be before now.
  func stop(_ id: AttemptID, timeoutMs: Int64, fromNs ns: UInt64) {
    if let index = requested.firstIndex(where: { $0.id == id }) {
      requested.remove(at: index)
      return news.append(.gone(id))
    }
    guard let program = programs[id], program.isAlive else { return news.append(.gone(id)) }
    let dueNs = ns &+ UInt64(random.below(Int(max(timeoutMs, 0)) + 1)) * 1_000_000
    programs[id]?.stopDueNs = min(program.stopDueNs ?? .max, dueNs)
  }

  func signal(_ id: AttemptID, _ signal: Int32) {}

  func release(_ id: AttemptID) {
    precondition(programs[id]?.isAlive != true, "what runs is not released")
    programs[id] = nil
  }

  func changes(nowNs: UInt64) -> [TaskChange] {
    defer { news = [] }
    return news
  }

  // MARK: As the machine goes on

  /// What was due until now is done.
  func advance(toNs ns: UInt64) {
    nowNs = ns
    for (id, program) in programs.sorted(by: { $0.key.description < $1.key.description }) {
      guard let dueNs = program.stopDueNs, dueNs <= ns, program.isAlive else { continue }
      // systemd forgets what was stopped; a shim keeps how it ended.
      if random.chance(50) {
        programs[id] = nil
        news.append(.gone(id))
      } else {
        end(id, TaskOutcome(.signal, error: "killed by signal 15 (SIGTERM)"))
      }
    }
  }

  /// Carries out what was asked for.
  func carryOut() {
    let launches = requested
    requested = []
    for launch in launches {
      if random.chance(5) {
        programs[launch.id] = Program(launch: launch, status: .starting)
        end(launch.id, TaskOutcome(.startFailed, error: "cannot run"))
        continue
      }
      programs[launch.id] = Program(launch: launch, status: .running)
      news.append(.status(launch.id, .running))
      whenBegun(launch.id)
      started.insert(launch.id)
    }
  }

  /// Some programs end by themselves.
  func endSome(percent: Int) {
    for (id, program) in programs.sorted(by: { $0.key.description < $1.key.description })
    where program.isAlive && random.chance(percent) {
      let code = random.chance(80) ? 0 : Int32(1 + random.below(3))
      codes[id] = code
      end(id, TaskOutcome(.exited, exitCode: code))
    }
  }

  private func end(_ id: AttemptID, _ outcome: TaskOutcome) {
    programs[id]?.status = .ended(outcome)
    news.append(.status(id, .ended(outcome)))
  }

  /// The worker's process ended: what it asked for was heard, or not; what it did not read, it lists.
  func workerEnded() {
    requested.removeAll { _ in random.chance(50) }
    carryOut()
    news = []
  }

  func machineEnded() {
    (programs, requested, news) = ([:], [], [])
  }
}

/// What outlives a worker's process, without a disk.
final class SimulatedStore: WorkerStore {
  struct DiskIsFull: Error {}

  private var kept: [AttemptID: AttemptNote] = [:]
  private(set) var outcomes: [AttemptID: TaskOutcome] = [:]
  private(set) var lease = Lease()
  var isFull = false

  func note(of id: AttemptID) -> AttemptNote? { kept[id] }

  func notes() -> [AttemptID: AttemptNote] { kept }

  func write(_ note: AttemptNote, of id: AttemptID) throws {
    if isFull { throw DiskIsFull() }
    kept[id] = note
  }

  func removeNote(of id: AttemptID) { kept[id] = nil }

  func append(_ ends: [(id: AttemptID, outcome: TaskOutcome)]) throws {
    if isFull, !ends.isEmpty { throw DiskIsFull() }
    for (id, outcome) in ends { outcomes[id] = outcome }
  }

  func removeOutcome(of id: AttemptID) throws {
    // The line that strikes it out.
    if isFull, outcomes.count > 1 { throw DiskIsFull() }
    outcomes[id] = nil
  }

  func write(_ lease: Lease) { self.lease = lease }

  /// Ends are on the disk; notes may be; the lease is not.
  func losePower(_ random: inout SeededGenerator) {
    lease = Lease()
    for id in kept.keys.sorted(by: { $0.description < $1.description }) where random.chance(30) { kept[id] = nil }
  }
}
