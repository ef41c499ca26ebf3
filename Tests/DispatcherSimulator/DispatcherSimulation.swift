import Controller
import Dispatcher
import DispatcherSettings
import EventBus
import EventModel
import Journal
import Logging
import Platform
import SeededRandom

/// One run: a whole dispatcher, its disk, its clock and its peers, led by a script.
final class DispatcherSimulation {
  /// A promise that was not kept.
  struct Violation: Error {
    /// Which one: the same for runs that fail alike.
    let check: String
    let message: String
  }

  /// How the dispatcher died inside of a call.
  enum Death {
    case kill
    case powerCut
  }

  let profile: DispatcherProfile
  let scenario: Scenario
  let time: SimulatedTime
  let disk = SimulatedDisk()
  let counters: SteppedDispatcher.Counters
  var dispatcher: SteppedDispatcher?
  var configuration: DispatcherConfiguration
  var random = SeededGenerator(seed: 0)
  /// For what the rules of jobs and workers are about. Apart, so that a script from before does the like.
  var rules = SeededGenerator(seed: 0)
  var violation: Violation?
  /// Promises whose breach is known, and not looked for.
  let ignoring: Set<String>
  /// Starts of a dispatcher.
  var life = 0
  var restarts = 0
  /// The dispatcher's process has ended in the middle of a call.
  var death: Death?
  var isCommitting = false
  let passages = PassageTrap()

  // Peers.
  var peers: [UInt32: SimulatedPeer] = [:]
  /// In the order of their attachment; those that are gone stay for the last account.
  var order: [SimulatedPeer] = []
  var replies: [UInt32: SteppedDispatcher.Reply] = [:]

  // What the cluster is like.
  var workers: [SimulatedWorker] = []
  var workersByHandle: [UInt64: Int] = [:]
  var running: [RunningTask] = []
  /// Attempts that their workers were ordered to stop, and have not answered for.
  var ordered: [RunningTask] = []
  var jobs: [String] = []
  var jobCount = 0
  /// By name.
  var machines: [String: SimulatedMachine] = [:]

  /// Events of sources that wait for their answers, those that have them, and those that were said again.
  var sourced: [EventID: Event] = [:]
  var said: [Said] = []
  var repeats: [EventID: Said] = [:]
  var nextSequence: UInt64 = 1

  // What was seen and told.
  var account = Account()
  var rulebook = RuleBook()
  var looksUntilInvariants = 0
  /// Something certain of the journal was spoilt, or replaced by something older.
  var isDamaged = false
  /// That leaves no sector empty: nobody may take it for a commit that was never finished.
  var isBitFlipped = false
  var wasSalvaged = false
  /// That was so once.
  var wasDamaged = false
  var backups: [Backup] = []
  var archive: SimulatedArchive?
  var keeper: SimulatedKeeper?
  var events: UInt64 = 0

  /// - Parameter instance: names the rings in shared memory.
  init(
    _ profile: DispatcherProfile, seed: UInt64, instance: String, counters: SteppedDispatcher.Counters,
    ignoring: Set<String>
  ) {
    self.ignoring = ignoring
    self.profile = profile
    self.counters = counters
    scenario = Scenario(profile, seed: seed, instance: instance)
    configuration = scenario.configuration
    rules = SeededGenerator(seed: seed)
    time = SimulatedTime(bootNs: 1_000_000_000_000, wallMs: 1_700_000_000_000)
    workers = (0..<scenario.fleet).map { SimulatedWorker(name: "w\($0)", zone: "z\($0 % 3)") }
  }

  deinit {
    SteppedDispatcher.removeRings(instance: scenario.configuration.instance)
  }

  /// Goes through a script, then lets everything come to rest and draws up the account.
  ///
  /// - Returns: how many steps were taken, and what was violated.
  func run(_ script: some Sequence<SimulationStep>) -> (steps: Int, violation: Violation?) {
    disk.whileSyncing = { [unowned self] in self.letOthersStep() }
    let before = counters.records
    defer { events = counters.records &- before }
    var steps = 0
    disk.faults.callsUntilDeath = scenario.callsOfFirstStart
    do {
      makeMachines()
      try start()
      for _ in 0..<3 { try attach() }
      for step in script {
        steps += 1
        random = SeededGenerator(seed: step.seed)
        rules = SeededGenerator(seed: step.seed ^ 0x4B01E5)
        disk.random = SeededGenerator(seed: step.seed ^ 0xD15C)
        time.advance(ns: UInt64(random.below(200_000)))
        try perform(step.kind)
        if let violation { throw violation }
      }
      try finish()
    } catch let error as Violation {
      return (steps, error)
    } catch {
      return (steps, Violation(check: "error", message: "\(error)"))
    }
    return (steps, violation)
  }

  func fail(_ check: String, _ message: @autoclosure () -> String) {
    if violation == nil, !ignoring.contains(check) { violation = Violation(check: check, message: message()) }
  }

  private func perform(_ kind: SimulationStep.Kind) throws {
    switch kind {
    case .turn: for _ in 0...random.below(4) { try turn() }
    case .commit: try commit()
    case .control: try tend()
    case .sleep: dispatcher?.sleep()
    case .attach: try attach()
    case .detach: try detach()
    case .read: try readSomething()
    case .heartbeats: try publishHeartbeats()
    case .registrations: try publishRegistrations()
    case .submissions: try publishSubmissions()
    case .reports: try publishReports()
    case .operations: try publishOperations()
    case .losses: try publishLosses()
    case .stops: try publishStops()
    case .drains: try publishDrains()
    case .sources: try publishOfSources()
    case .machines: try stepMachines()
    case .machineTrouble: try troubleMachines()
    case .silence: fallSilent()
    case .garbage: try publishGarbage()
    case .queries: try publishQueries()
    case .configure: reconfigure()
    case .letters: try publishLetterRequests()
    case .pause: time.advance(ns: UInt64(random.below(50)) * 1_000_000)
    case .stall: time.advance(ns: UInt64(1 + random.below(20_000)) * 1_000_000)
    case .wallClock:
      time.wallMs = max(1, time.wallMs + Int64(random.below(200_000_000_000)) - 100_000_000_000)
      time.isSynchronized = time.wallMs % 2 == 0
    case .fault: try dealFault()
    case .heal: disk.faults = SimulatedDisk.Faults()
    case .kill: try restart(after: .kill)
    case .dieAtCall: disk.faults.callsUntilDeath = random.below(12)
    case .dieInTurn: try dieInTurn()
    case .powerCut: try restart(after: .powerCut)
    case .damage: try damage()
    case .spoilSnapshot: try spoilSnapshot()
    case .backup: keepBackup()
    case .restoreBackup: try restoreBackup()
    case .shutdown: try shutDown()
    case .archive: try takeArchiveTurn()
    }
  }

  // MARK: The threads

  func turn() throws {
    guard let dispatcher else { return }
    if dispatcher.sleepsOn, random.chance(70) { return }
    time.advance(ns: UInt64(random.below(30_000)))
    _ = dispatcher.turn()
    observe(dispatcher)
    if dispatcher.journalStatus == .failed {
      if random.chance(50) {
        // Somebody comes before the process has ended.
        try attach(isPressing: true)
        _ = dispatcher.turn()
      }
      checkNobodyBegins(on: dispatcher)
      // The process ends, and is started again.
      try restart(after: .kill)
    }
  }

  func commit() throws {
    guard let dispatcher, !isCommitting else { return }
    isCommitting = true
    let lifeBefore = disk.life
    let wasLocked = disk.isLocked
    if dispatcher.commit() == .committed, !wasLocked {
      fail("lock", "a commit was made by a dispatcher whose lock somebody had removed")
    }
    isCommitting = false
    if let death {
      self.death = nil
      try restart(after: death)
    } else if disk.life != lifeBefore {
      try restart(after: random.chance(50) ? .kill : .powerCut)
    }
  }

  /// The journal thread waits for its disk; the others go on.
  private func letOthersStep() {
    guard isCommitting, death == nil, violation == nil else { return }
    if random.chance(scenario.slowSyncs) {
      let steps = random.below(24)
      let stepNs = UInt64(random.below(scenario.slowSyncMs + 1)) * 1_000_000 / UInt64(steps + 1)
      time.advance(ns: stepNs)
      for _ in 0..<steps {
        time.advance(ns: stepNs)
        do {
          for peer in order where peer.stage == .attached && !peer.isSlow { try read(peer, limit: 600) }
          switch random.below(8) {
          case 0...3: if let dispatcher { time.advance(ns: 10_000); _ = dispatcher.turn(); observe(dispatcher) }
          case 4: try publishHeartbeats()
          case 5: try publishOperations()
          case 6: try publishReports()
          default: try readSomething()
          }
        } catch {
          fail("error", "\(error)")
        }
      }
    } else {
      time.advance(ns: UInt64(random.below(300_000)))
    }
    switch profile {
    case .crashes, .longRecords: if random.chance(2) { die(.kill) }
    case .power, .relaxed: if random.chance(2) { die(.powerCut) }
    default: break
    }
  }

  private func die(_ death: Death) {
    self.death = death
    if death == .powerCut { disk.losePower(&random) } else { disk.endLife() }
  }

  private func dieInTurn() throws {
    guard let dispatcher else { return }
    passages.arm(after: random.below(6), instance: scenario.configuration.instance)
    _ = dispatcher.turn()
    if try passages.restore() {
      try restart(after: .kill)
    } else {
      observe(dispatcher)
    }
  }

  private func dealFault() throws {
    switch random.below(6) {
    case 5: random.chance(50) ? disk.removeLock() : disk.removeFolder()
    case 0:
      disk.faults.isFull = true
      // Who comes and goes meanwhile is in no journal.
      for _ in 0..<random.below(16) {
        try attach()
        try detach()
      }
    case 1: disk.faults.callsUntilError = random.below(30)
    case 2: disk.faults.shortWrites = 30
    case 3: disk.faults.callsUntilDeath = random.below(20)
    default: time.advance(ns: UInt64(random.below(3000)) * 1_000_000)
    }
  }

  /// A quarter of it is as long as a slow reader's events may wait, and longer than `lagNs`.
  private static let leastWorkerTimeoutMs: Int64 = 4000

  func reconfigure() {
    var next = configuration
    next.controller.workerTimeoutMs = max(
      Self.leastWorkerTimeoutMs, next.controller.workerTimeoutMs + Int64(random.below(2000)) - 1000)
    // Far shorter, or longer: a worker may not hear of it.
    if !machines.isEmpty, rules.chance(30) { next.controller.workerTimeoutMs = [4000, 20_000, 60_000][rules.below(3)] }
    next.controller.heartbeatFailureThreshold = Int16(2 + random.below(10))
    next.placementsPerTurn = 1 + random.below(256)
    configuration = next
    dispatcher?.configure(next)
  }
}
