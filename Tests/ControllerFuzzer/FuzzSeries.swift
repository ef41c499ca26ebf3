import Controller
import SeededRandom

/// Many short runs, one after another, each from an empty state and with a seed of its own: the first has the seed of
/// the series, so that any run can be had again alone.
public struct FuzzSeries<Judge: StepJudge>: Sendable {
  /// Steps of one run: enough for a fleet to live through several generations of jobs, few enough to shrink quickly.
  public static var stepsPerRun: Int { 1000 }

  public let fuzzer: Fuzzer<Judge>
  /// nil lets each run's seed choose.
  public let profile: FuzzProfile?
  public private(set) var statistics = FuzzStatistics()
  public private(set) var runs = 0
  public private(set) var counterexample: Counterexample?
  private var nextSeed: UInt64
  private var seeds: SeededGenerator
  private var stepsLeft: Int

  public init(_ fuzzer: Fuzzer<Judge>, seed: UInt64, profile: FuzzProfile?, steps: Int) {
    self.fuzzer = fuzzer
    self.profile = profile
    nextSeed = seed
    seeds = SeededGenerator(seed: seed)
    stepsLeft = steps
  }

  /// Does the next run, and shrinks it if it fails. False at the end: all steps taken, or one run failed.
  public mutating func runNext() -> Bool {
    guard stepsLeft > 0, counterexample == nil else { return false }
    let seed = nextSeed
    let profile = profile ?? FuzzProfile(seed: seed)
    let run = fuzzer.run(seed: seed, profile: profile, steps: min(stepsLeft, Self.stepsPerRun))
    counterexample = Counterexample(shrinking: run, by: fuzzer, seed: seed, profile: profile)
    statistics += run.statistics
    runs += 1
    stepsLeft -= run.steps.count
    nextSeed = seeds.next()
    return true
  }
}
