/// What kind of trouble a simulation of the whole dispatcher makes.
public enum DispatcherProfile: String, CaseIterable, Sendable {
  /// A cluster that mostly works.
  case calm
  /// Processes that are killed.
  case crashes
  /// Power that goes.
  case power
  /// Disks that are full, slow, or fail.
  case disks
  /// Records of up to 512 slots among heartbeats, and processes that are killed.
  case longRecords
  /// Clients that read slowly, not at all, and again.
  case readers
  /// Large jobs and gangs, with a slow disk.
  case bulk
  /// Thousands of jobs that wait.
  case queue
  /// Large fleets that fall silent while others are reported failed.
  case crowd
  /// Results that are told before they are durable.
  case relaxed
  /// Peers that write what is no event.
  case hostile
  /// Journals that are damaged, and salvaged.
  case salvage
  /// Older copies of the journal put in its place.
  case copies
  /// Workers that run programs, and are killed, stopped and cut off, as the dispatcher is.
  case programs

  /// The one that a seed stands for when nobody chose.
  public init(seed: UInt64) {
    self = Self.allCases[Int(seed % UInt64(Self.allCases.count))]
  }

  typealias Weights = [(kind: SimulationStep.Kind, weight: Int)]

  /// How often each kind of step comes, relative to the others.
  var weights: Weights {
    var weights: Weights = [
      (.turn, 40), (.commit, 22), (.control, 6), (.sleep, 2), (.attach, 2), (.detach, 1), (.read, 16),
      (.heartbeats, 34), (.registrations, 3), (.submissions, 4), (.reports, 14), (.operations, 4), (.losses, 1),
      (.queries, 2), (.pause, 8), (.configure, 1), (.letters, 1), (.stops, 6), (.drains, 2),
      (.sources, 2),
    ]
    switch self {
    case .calm: weights += [(.archive, 4), (.shutdown, 1)]
    case .crashes:
      weights += [(.archive, 4), (.kill, 2), (.dieAtCall, 1), (.dieInTurn, 1), (.stall, 1), (.wallClock, 1)]
      weights += [(.spoilSnapshot, 1), (.shutdown, 1)]
    case .power:
      weights += [(.archive, 4), (.spoilSnapshot, 1), (.powerCut, 2), (.dieAtCall, 1), (.kill, 1), (.wallClock, 1)]
    case .disks: weights += [(.fault, 3), (.heal, 2), (.kill, 1), (.powerCut, 1), (.shutdown, 1)]
    case .longRecords: weights += [(.kill, 3), (.shutdown, 1), (.operations, 12)]
    case .readers: weights += [(.attach, 3), (.detach, 2), (.kill, 1), (.queries, 4)]
    case .bulk: weights += [(.submissions, 2), (.kill, 1), (.shutdown, 1)]
    case .queue: weights += [(.submissions, 30), (.losses, 1)]
    case .crowd: weights += [(.silence, 2), (.losses, 8), (.stall, 1), (.kill, 1)]
    case .relaxed: weights += [(.kill, 2), (.powerCut, 1), (.dieInTurn, 1)]
    case .hostile: weights += [(.garbage, 8), (.attach, 4), (.kill, 1)]
    case .salvage: weights += [(.archive, 2), (.damage, 2), (.kill, 1), (.powerCut, 1)]
    case .programs:
      weights += [(.machines, 60), (.machineTrouble, 4), (.turn, 40), (.commit, 20), (.pause, 10), (.submissions, 6)]
      weights += [(.kill, 1), (.dieAtCall, 1), (.dieInTurn, 1), (.stall, 1), (.powerCut, 1), (.operations, 8)]
    case .copies: weights += [(.archive, 2), (.backup, 2), (.restoreBackup, 1), (.kill, 2), (.attach, 4), (.detach, 2)]
    }
    return weights
  }
}
