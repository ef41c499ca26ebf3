import Controller
import Dispatcher
import DispatcherSettings
import Journal
import SeededRandom

/// The sizes and settings of one simulation: a function of its profile and seed.
struct Scenario {
  var steps = 3000
  var peers = 4
  var peerNumbersAtOnce: UInt32 = 4
  /// Workers that may be registered.
  var fleet = 40
  var workerCPU: Int64 = 8000
  var maximumReplicas = 12
  /// Percent of submissions that are as large as may be.
  var largeJobs = 2
  var gangs = 15
  /// Jobs submitted in one step.
  var jobsPerStep = 2
  /// Beyond so many unfinished tasks none are submitted.
  var maximumTasks = 400
  var submissionSlots = 256
  var resultSlots = 1024
  /// Percent of events that carry long texts.
  var longRecords = 3
  /// Percent of syncs that take long, and how long at the most.
  var slowSyncs = 5
  var slowSyncMs = 40
  /// Percent of peers that hardly ever read.
  var slowReaders = 10
  var hasMiddleware = false
  /// The middleware lets few jobs pass.
  var dropsMostJobs = false
  /// Observers have something to say, which stands in the results.
  var hasObservers = false
  /// The archive writes a snapshot whenever there is something new, and the dispatcher may be killed right behind that.
  var hasEagerSnapshots = false
  /// Of the disk, before the first dispatcher dies; nil when it lives on.
  var callsOfFirstStart: Int?
  /// What the archive keeps of the journal, and of history, in bytes; nil for all.
  var keptSegmentBytes: Int?
  var keptHistoryBytes: Int?
  /// The archive, or who makes snapshots without one, is absent until there are several segments.
  var isFollowedLate = false
  /// There is no archive: the dispatcher makes its snapshots itself.
  var makesOwnSnapshots = false
  /// Workers have memory and some of them devices, and some jobs ask for that.
  var hasDevices = false
  /// Percent of workers that say when a process has stopped.
  var confirmingWorkers = 0
  /// Percent of jobs with each kind of wish.
  var wishes = 0
  /// Percent of jobs that say what they run.
  var programs = 0
  /// Machines whose workers run programs.
  var machines = 0
  /// Programs that one of them runs at once.
  var programsAtOnce = 500
  /// Percent of programs that end in one step.
  var programEnds = 5
  let seed: UInt64
  /// Some workers never hear of what they are to run.
  var losesAssignments = false
  var configuration = DispatcherConfiguration()

  init(_ profile: DispatcherProfile, seed: UInt64, instance: String) {
    self.seed = seed
    var random = SeededGenerator(seed: seed ^ 0x5CE_4A51)
    configuration.instance = instance
    var more = SeededGenerator(seed: seed ^ 0x0F12_57ED)
    if more.chance(30) { callsOfFirstStart = more.below(16) }
    configuration.resultBacklogBytes = [16 << 10, 256 << 10, 16 << 20][more.below(3)]
    var settings = JournalSettings(folder: SimulatedDisk.folder)
    settings.writer.queueBytes = 64 << 10
    settings.writer.segmentBytes = 256 << 10
    configuration.sweepIntervalMs = [20, 50, 200][random.below(3)]
    configuration.controller.workerTimeoutMs = [5_000, 20_000, 60_000][random.below(3)]
    configuration.controller.transactionLogCapacity = 1 << 15
    configuration.controller.transactionLogActionCapacity = 4_000_000
    configuration.recordsPerPeerPerTurn = [16, 64, 256][random.below(3)]
    configuration.placementsPerTurn = [16, 256][random.below(2)]
    hasMiddleware = random.chance(30)
    submissionSlots = [64, 256, 1024][random.below(3)]
    if random.chance(20) {
      settings.writer.queueBytes = 1 << 20
      settings.writer.segmentBytes = 4 << 20
    }
    switch profile {
    case .longRecords:
      (submissionSlots, longRecords) = (2048, 40)
    case .readers: (slowReaders, maximumReplicas, peers) = (50, 200, 6)
    case .disks: (slowSyncs, slowSyncMs) = (30, 2000)
    case .bulk:
      (maximumReplicas, largeJobs, maximumTasks, slowSyncs, slowSyncMs) = (10_000, 50, 12_000, 60, 20)
      (fleet, workerCPU, steps, gangs) = (150, 100_000, 1500, 25)
      configuration.placementsPerTurn = 256
      configuration.controller.workerTimeoutMs = 60_000
      settings.writer.queueBytes = 1 << 20
      settings.writer.segmentBytes = 4 << 20
    case .queue:
      (jobsPerStep, maximumTasks, maximumReplicas, gangs, fleet, workerCPU) = (60, 30_000, 1, 0, 10, 1000)
      submissionSlots = 1024
      if more.chance(20) { (jobsPerStep, maximumTasks, resultSlots) = (250, 50_000, 1 << 14) }
      settings.writer.queueBytes = 1 << 20
      settings.writer.segmentBytes = 4 << 20
    case .crowd:
      fleet = [3000, 6000, 12_000][random.below(3)]
      submissionSlots = 1024
      if more.chance(5) { (fleet, submissionSlots, maximumTasks) = (150_000, 1 << 16, 10_000) }
      configuration.recordsPerPeerPerTurn = 256
      configuration.controller.workerTimeoutMs = 5_000
      configuration.sweepIntervalMs = 50
      settings.writer.queueBytes = 1 << 20
      settings.writer.segmentBytes = 4 << 20
    case .relaxed: settings.durability = .relaxed
    case .programs: (machines, fleet, maximumReplicas, maximumTasks) = (1 + random.below(4), 4, 6, 60)
    case .calm, .crashes, .power, .hostile, .salvage, .copies: break
    }
    configuration.journal = settings
    if more.chance(50) { keptSegmentBytes = [0, 1 << 20][more.below(2)] }
    if more.chance(30) { keptHistoryBytes = [0, 400 << 10][more.below(2)] }
    if more.chance(40) { configuration.resultLogCapacity = [1, 16, 256][more.below(3)] }
    if more.chance(40) { configuration.resultBacklogBytes = [2048, 4096][more.below(2)] }
    if more.chance(30) {
      configuration.deadLetters.letters = 20
      configuration.deadLetters.lettersPerPeer = 8
      configuration.deadLetters.bytes = [32 << 10, 1 << 20][more.below(2)]
      configuration.deadLetters.bytesPerPeer = 16 << 10
    }
    hasEagerSnapshots = more.chance(30)
    if more.chance(hasEagerSnapshots ? 60 : 10) { (hasMiddleware, dropsMostJobs) = (true, true) }
    makesOwnSnapshots = more.chance(20)
    if settings.writer.queueBytes <= 64 << 10, more.chance(20) {
      (isFollowedLate, keptSegmentBytes) = (true, 0)
      configuration.journal?.writer.segmentBytes = 128 << 10
    }
    if profile == .disks, more.chance(50) { configuration.resultBacklogBytes = 2048 }
    if more.chance(40) { configuration.slotsPerTurn = [64, 512][more.below(2)] }
    if more.chance(40) { configuration.resultRecordsPerTurn = [100, 1000][more.below(2)] }
    hasObservers = more.chance(30)
    hasDevices = more.chance(40)
    var rules = SeededGenerator(seed: seed ^ 0x4B01_E5)
    drawRules(&rules)
    if profile == .longRecords { programs = 60 }
    if profile == .programs {
      (programs, programEnds, programsAtOnce) = (95, [1, 5, 30][rules.below(3)], [2, 500][rules.below(2)])
    }
  }

  /// Short spans, so that they pass within a run.
  private mutating func drawRules(_ random: inout SeededGenerator) {
    confirmingWorkers = [0, 50, 100][random.below(3)]
    wishes = [2, 15, 40][random.below(3)]
    programs = [5, 50][random.below(2)]
    losesAssignments = random.chance(40)
    if losesAssignments { configuration.controller.assignmentTimeoutMs = [300, 1000, 3000][random.below(3)] }
    configuration.controller.reservationAfterMs = [200, 2000, 60_000][random.below(3)]
    if random.chance(30) { configuration.controller.jobRetentionMs = [1000, 10_000][random.below(2)] }
  }

  /// The script that a seed makes.
  static func script(_ profile: DispatcherProfile, seed: UInt64, steps: Int) -> [SimulationStep] {
    var random = SeededGenerator(seed: seed)
    let weights = profile.weights
    let sum = weights.reduce(0) { $0 + $1.weight }
    return (0..<steps).map { _ in
      var left = random.below(sum)
      let kind = weights.first { entry in
        left -= entry.weight
        return left < 0
      }
      return SimulationStep(kind?.kind ?? .turn, seed: random.next())
    }
  }
}
