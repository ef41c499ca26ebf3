import Controller
import EventJSON
import EventModel

/// Looks at a state after each step, and says what it holds to be wrong. One judge sees one run, from its beginning.
public protocol StepJudge {
  mutating func failures(
    after step: ScriptStep, _ transactions: [Transaction], _ state: borrowing ControllerState
  ) -> [String]

  /// Looks at what the scheduler proposes in a state, before any of it is handled.
  mutating func failures(of pass: ProposedPass, in state: borrowing ControllerState) -> [String]
}

extension StepJudge {
  public mutating func failures(of pass: ProposedPass, in state: borrowing ControllerState) -> [String] { [] }
}

/// Leaves the judgement to the invariants.
public struct LenientJudge: StepJudge {
  public init() {}

  public func failures(
    after step: ScriptStep, _ transactions: [Transaction], _ state: borrowing ControllerState
  ) -> [String] {
    []
  }
}

/// Runs made-up and given steps through a controller under watch.
public struct Fuzzer<Judge: StepJudge>: Sendable {
  /// What went wrong, and after which step.
  public struct Failure: Sendable {
    /// Counts from 0; one past the last when only the end of the run showed it.
    public let stepIndex: Int
    public let messages: [String]
  }

  /// One run.
  public struct Run: Sendable {
    public internal(set) var steps: [ScriptStep] = []
    public internal(set) var failure: Failure?
    public internal(set) var statistics = FuzzStatistics()
  }

  public let configuration: ControllerConfiguration
  let makeJudge: @Sendable () -> Judge

  public init(configuration: ControllerConfiguration = .fuzzing, makeJudge: @escaping @Sendable () -> Judge) {
    self.configuration = configuration
    self.makeJudge = makeJudge
  }

  /// Makes up `count` steps and takes them, up to the first failure.
  public func run(seed: UInt64, profile: FuzzProfile, steps count: Int) -> Run {
    var generator = StepGenerator(seed: seed, profile: profile)
    return run { index, controller in
      index < count ? (generator.next(&controller.state), generator.takePass()) : nil
    }
  }

  /// Takes the given steps, up to the first failure.
  public func replay(_ steps: [ScriptStep]) -> Run {
    run { index, _ in index < steps.count ? (steps[index], nil) : nil }
  }

  private func run(_ next: (Int, inout SimulatedController) -> (ScriptStep, ProposedPass?)?) -> Run {
    var run = Run()
    var controller = SimulatedController(configuration: configuration)
    var judge = makeJudge()
    var failures: [String] = []
    while let (step, pass) = next(run.steps.count, &controller) {
      run.steps.append(step)
      if let pass { failures += judge.failures(of: pass, in: controller.state) }
      let transactions = controller.take(step, &failures)
      failures += judge.failures(after: step, transactions, controller.state)
      run.statistics.count(step, transactions)
      if !failures.isEmpty {
        run.failure = Failure(stepIndex: run.steps.count - 1, messages: failures)
        return run
      }
    }
    controller.finish(&failures)
    if !failures.isEmpty { run.failure = Failure(stepIndex: run.steps.count, messages: failures) }
    return run
  }
}

/// What a run consisted of.
public struct FuzzStatistics: Sendable, Hashable {
  public private(set) var events = 0
  public private(set) var transactions = 0
  public private(set) var applied = 0
  public private(set) var ignored = 0
  public private(set) var rejected = 0
  public private(set) var restarts = 0

  public init() {}

  mutating func count(_ step: ScriptStep, _ transactions: [Transaction]) {
    events += 1
    if case .restart = step { restarts += 1 }
    self.transactions += transactions.count
    for transaction in transactions {
      switch transaction.outcome {
      case .applied: applied += 1
      case .ignored: ignored += 1
      case .rejected: rejected += 1
      }
    }
  }

  public static func += (total: inout Self, other: Self) {
    total.events += other.events
    total.transactions += other.transactions
    total.applied += other.applied
    total.ignored += other.ignored
    total.rejected += other.rejected
    total.restarts += other.restarts
  }
}

extension ControllerConfiguration {
  /// Limits that a short run reaches.
  public static var fuzzing: ControllerConfiguration {
    var configuration = ControllerConfiguration()
    configuration.workerTimeoutMs = 5000
    configuration.heartbeatFailureThreshold = 3
    configuration.jobRetentionMs = 4000
    configuration.transactionLogCapacity = 16
    configuration.deliveryRetries = 2
    configuration.restartGraceMs = 1000
    configuration.restartSpreadMs = 0
    configuration.brakeMinimumWorkers = 3
    configuration.brakeExpiriesPerMinute = 30
    configuration.gangRetryDelayMs = 0
    configuration.assignmentTimeoutMs = 3000
    configuration.reservationAfterMs = 1500
    return configuration
  }
}
