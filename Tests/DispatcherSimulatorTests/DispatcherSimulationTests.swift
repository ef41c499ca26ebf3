import DispatcherSimulator
import Testing

/// The whole dispatcher under one seed.
struct DispatcherSimulationTests {
  @Test(arguments: DispatcherProfile.allCases)
  func shortRunBreaksNoPromise(_ profile: DispatcherProfile) throws {
    let failure = try DispatcherFuzzer().run(seed: 1, profile: profile, steps: 150)
    #expect(failure == nil, "\(failure.map { "[\($0.check)] \($0.message)" } ?? "")")
  }

  @Test func sameSeedMakesTheSameRun() throws {
    let first = try DispatcherFuzzer()
    let second = try DispatcherFuzzer()
    let failures = [first.run(seed: 7, steps: 200), second.run(seed: 7, steps: 200)]
    #expect(failures[0]?.message == failures[1]?.message)
    #expect(first.events == second.events)
    #expect(first.events > 0)
  }

  @Test func scriptIsReadAsItWasWritten() throws {
    let script = SimulationScript(
      seed: 5, profile: .power, steps: [SimulationStep(.turn, seed: 1), SimulationStep(.powerCut, seed: .max)])
    let again = try #require(SimulationScript(text: script.text))
    #expect(again.seed == 5)
    #expect(again.profile == .power)
    #expect(again.steps == script.steps)
    #expect(SimulationScript(text: "seed 5 profile power\nturn x") == nil)
  }
}
