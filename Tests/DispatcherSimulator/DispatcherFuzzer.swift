import Dispatcher
import Platform
import Synchronization

/// Runs simulations of the whole dispatcher, one seed after the other.
public final class DispatcherFuzzer {
  /// A run that broke a promise.
  public struct Failure: Sendable {
    public let seed: UInt64
    public let profile: DispatcherProfile
    /// Which promise: the same for runs that fail alike.
    public let check: String
    public let message: String
    /// The step behind which it was found; after the last one, when everything had come to rest.
    public let step: Int
    /// Steps that break the same promise.
    public internal(set) var script: [SimulationStep]

    /// Lines that `SimulationScript` reads.
    public var scriptText: String {
      SimulationScript(seed: seed, profile: profile, steps: script).text
    }
  }

  private static let numbers = Atomic<Int>(0)

  private let counters: SteppedDispatcher.Counters
  private let instance: String
  private let ignoring: Set<String>
  private var runs = 0
  public private(set) var events: UInt64 = 0
  public private(set) var restarts = 0

  /// - Parameter ignoring: promises, by their names in `Failure.check`, whose breach is known: to look behind it.
  public init(ignoring: Set<String> = []) throws {
    self.ignoring = ignoring
    instance = "simulation-\(Machine.processID())-\(Self.numbers.add(1, ordering: .relaxed).newValue)"
    counters = try SteppedDispatcher.Counters(instance: instance)
  }

  /// One run.
  ///
  /// - Parameters:
  ///   - script: in the place of the one that the seed makes.
  ///   - steps: in the place of as many as the profile takes.
  public func run(
    seed: UInt64, profile: DispatcherProfile? = nil, script: [SimulationStep]? = nil, steps: Int? = nil
  ) -> Failure? {
    let profile = profile ?? DispatcherProfile(seed: seed)
    runs += 1
    let simulation = DispatcherSimulation(
      profile, seed: seed, instance: "\(instance)-\(runs)", counters: counters, ignoring: ignoring)
    let script =
      script ?? Scenario.script(profile, seed: seed, steps: steps ?? simulation.scenario.steps)
    let result = simulation.run(script)
    events += simulation.events
    restarts += simulation.restarts
    guard let violation = result.violation else { return nil }
    return Failure(
      seed: seed, profile: profile, check: violation.check, message: violation.message, step: result.steps,
      script: Array(script.prefix(result.steps)))
  }
}
