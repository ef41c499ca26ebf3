/// What kind of trouble a simulation makes.
public enum FuzzProfile: String, CaseIterable, Sendable {
  /// A fleet that mostly works.
  case calm
  /// Workers that fail, time out, come back and disagree about what they run.
  case storm
  /// Coscheduled jobs, whose members drag each other along.
  case gangs
  /// Jobs under jobs under jobs.
  case trees
  /// Zones that fall silent, a controller that stalls and restarts, and operators who know better.
  case blackouts
  /// Programs that take their time to stop, run for too long or are not delivered, on workers that are drained.
  case programs
  /// More asked for than there is: priorities, requirements, back-off, and what waits for long.
  case crowds
  /// Peers that send whatever can be decoded: unknown, stale, repeated, out of order, out of range.
  case hostile

  /// The one that a seed stands for when nobody chose.
  public init(seed: UInt64) {
    self = Self.allCases[Int(seed % UInt64(Self.allCases.count))]
  }

  /// Workers that may be registered at once.
  var fleet: Int {
    switch self {
    case .calm, .gangs, .trees, .programs, .crowds: 6
    case .storm, .blackouts: 12
    case .hostile: 4
    }
  }

  /// Beyond so many tasks in the table the simulation ends jobs instead of submitting new ones.
  var maxTasks: Int {
    switch self {
    case .calm, .gangs, .trees, .programs: 48
    case .storm, .crowds: 96
    case .blackouts: 24
    case .hostile: 32
    }
  }

  /// Percent of references and numbers that are wrong on purpose.
  var hostility: Int {
    switch self {
    case .calm: 1
    case .storm, .gangs, .trees, .blackouts, .programs, .crowds: 5
    case .hostile: 25
    }
  }

  /// Percent of jobs that are gangs.
  var gangs: Int {
    switch self {
    case .calm, .blackouts: 15
    case .storm, .programs, .crowds: 25
    case .gangs: 85
    case .trees: 20
    case .hostile: 30
    }
  }

  /// Percent of jobs that have a parent.
  var children: Int {
    switch self {
    case .calm, .storm, .gangs, .blackouts, .programs, .crowds: 20
    case .trees: 85
    case .hostile: 40
    }
  }

  /// Percent of steps that repeat an earlier one to the letter.
  var repetitions: Int {
    switch self {
    case .calm: 1
    case .storm, .gangs, .trees, .blackouts, .programs, .crowds: 4
    case .hostile: 15
    }
  }

  /// Percent of registrations that name one of two zones.
  var zoned: Int {
    switch self {
    case .calm, .storm, .gangs, .trees, .programs, .crowds, .hostile: 20
    case .blackouts: 75
    }
  }

  /// Percent of registrations that say that stops are confirmed.
  var confirming: Int {
    switch self {
    case .calm, .storm, .gangs, .trees, .blackouts, .crowds: 40
    case .programs: 85
    case .hostile: 50
    }
  }

  /// Percent of jobs that have each of the rarer wishes: a priority, requirements, a limit of time, back-off.
  var wishes: Int {
    switch self {
    case .calm, .storm, .gangs, .trees, .blackouts: 15
    case .programs, .hostile: 30
    case .crowds: 50
    }
  }

  /// How often each kind of step comes, relative to the others.
  var weights: [(kind: StepKind, weight: Int)] {
    switch self {
    case .calm:
      [
        (.registration, 4), (.heartbeat, 12), (.heartbeatFailure, 1), (.workerFailure, 1), (.reconciliation, 2),
        (.submission, 9), (.cancellation, 1), (.placement, 12), (.assignment, 4), (.report, 40), (.preemption, 1),
        (.endpoint, 3), (.tick, 6), (.prune, 2), (.restart, 1),
        (.drain, 1), (.resumption, 1), (.stop, 3),
      ]
    case .storm:
      [
        (.registration, 14), (.heartbeat, 8), (.heartbeatFailure, 8), (.workerFailure, 6), (.reconciliation, 6),
        (.submission, 8), (.cancellation, 2), (.placement, 12), (.assignment, 6), (.report, 20), (.preemption, 3),
        (.endpoint, 2), (.tick, 8), (.prune, 2), (.restart, 2), (.brakeOverride, 1), (.sweep, 2), (.stall, 1),
        (.drain, 2), (.resumption, 2), (.stop, 6),
      ]
    case .gangs:
      [
        (.registration, 8), (.heartbeat, 4), (.heartbeatFailure, 2), (.workerFailure, 3), (.reconciliation, 4),
        (.submission, 9), (.cancellation, 2), (.placement, 14), (.assignment, 10), (.report, 36), (.preemption, 4),
        (.endpoint, 2), (.tick, 4), (.prune, 2), (.restart, 1),
        (.drain, 2), (.resumption, 2), (.stop, 6),
      ]
    case .trees:
      [
        (.registration, 6), (.heartbeat, 4), (.heartbeatFailure, 1), (.workerFailure, 2), (.reconciliation, 2),
        (.submission, 20), (.cancellation, 5), (.placement, 12), (.assignment, 6), (.report, 28), (.preemption, 2),
        (.endpoint, 2), (.tick, 5), (.prune, 6), (.restart, 1),
        (.drain, 1), (.resumption, 1), (.stop, 4),
      ]
    case .blackouts:
      [
        (.registration, 20), (.heartbeat, 4), (.heartbeatFailure, 2), (.workerFailure, 1), (.reconciliation, 2),
        (.submission, 6), (.cancellation, 1), (.placement, 8), (.assignment, 3), (.report, 12), (.preemption, 1),
        (.endpoint, 1), (.tick, 1), (.prune, 1), (.restart, 2), (.brakeOverride, 3), (.sweep, 14), (.stall, 4),
        (.drain, 2), (.resumption, 1), (.stop, 3),
      ]
    case .programs:
      [
        (.registration, 8), (.heartbeat, 12), (.heartbeatFailure, 1), (.workerFailure, 1), (.reconciliation, 8),
        (.submission, 9), (.cancellation, 4), (.placement, 16), (.assignment, 6), (.report, 22), (.preemption, 6),
        (.endpoint, 6), (.tick, 10), (.prune, 4), (.restart, 1), (.brakeOverride, 1), (.sweep, 1), (.stall, 1),
        (.drain, 5), (.resumption, 3), (.stop, 14),
      ]
    case .crowds:
      [
        (.registration, 6), (.heartbeat, 14), (.heartbeatFailure, 1), (.workerFailure, 1), (.reconciliation, 2),
        (.submission, 16), (.cancellation, 2), (.placement, 22), (.assignment, 6), (.report, 22), (.preemption, 2),
        (.endpoint, 1), (.tick, 6), (.prune, 3), (.restart, 1), (.stall, 1), (.drain, 1), (.resumption, 2), (.stop, 5),
      ]
    case .hostile:
      [
        (.registration, 8), (.heartbeat, 6), (.heartbeatFailure, 6), (.workerFailure, 4), (.reconciliation, 8),
        (.submission, 10), (.cancellation, 5), (.placement, 8), (.assignment, 10), (.report, 24), (.preemption, 6),
        (.endpoint, 6), (.tick, 6), (.prune, 4), (.restart, 3), (.brakeOverride, 1), (.sweep, 3), (.stall, 2),
        (.drain, 4), (.resumption, 4), (.stop, 8),
      ]
    }
  }
}

/// What a simulation can do next.
enum StepKind: Sendable {
  case registration, heartbeat, heartbeatFailure, workerFailure, reconciliation
  case submission, cancellation
  /// What the scheduler proposes.
  case placement
  /// What somebody made up.
  case assignment
  case report, preemption, endpoint
  case drain, resumption
  /// That a process has ended which was to stop.
  case stop
  case tick, prune, restart
  case brakeOverride
  case sweep, stall
}
