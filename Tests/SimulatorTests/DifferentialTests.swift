import Controller
import ControllerFuzzer
import EventJSON
import EventModel
import Foundation
import Testing

@Suite struct DifferentialTests {
  private static let stepsPerSeed = 200
  /// A few hundred seeds in all; RINGMASTER_SOAK=1 tries ten times as many.
  private static let seedsPerProfile: UInt64 =
    ProcessInfo.processInfo.environment["RINGMASTER_SOAK"] == "1" ? 600 : 25

  private static let fuzzer = Fuzzer(configuration: .fuzzing) { ReferenceJudge(configuration: .fuzzing) }

  @Test(arguments: FuzzProfile.allCases)
  func theControllerDoesWhatTheModelDoes(_ profile: FuzzProfile) {
    for seed in 1...Self.seedsPerProfile {
      let run = Self.fuzzer.run(seed: seed, profile: profile, steps: Self.stepsPerSeed)
      guard let failure = run.failure else { continue }
      var shrinker = Shrinker(Self.fuzzer)
      let steps = shrinker.shrink(run.steps)
      let remaining = Self.fuzzer.replay(steps).failure ?? failure
      Issue.record(
        """
        profile \(profile.rawValue), seed \(seed), step \(failure.stepIndex): \(failure.messages.joined(separator: "\n"))
        shrunk to:
        \(steps.map(\.json.text).joined(separator: "\n"))
        \(remaining.messages.joined(separator: "\n"))
        """)
      return
    }
  }
}
