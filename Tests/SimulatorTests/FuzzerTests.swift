import Controller
import ControllerFuzzer
import EventJSON
import EventModel
import Simulator
import Testing

/// Finds fault with a job that ends as FAILED below another job: what only a few steps together bring about.
private struct FaultFinder: StepJudge {
  mutating func failures(
    after step: ScriptStep, _ transactions: [Transaction], _ state: borrowing ControllerState
  ) -> [String] {
    var next = state.nextJob(from: 0)
    while let job = next {
      if job.state == .failed, job.taskCount > 0, job.parentName != nil { return ["a child has failed"] }
      next = state.nextJob(from: Int(job.handle.index) + 1)
    }
    return []
  }
}

@Suite struct FuzzerTests {
  private static let steps = 400

  @Test(arguments: FuzzProfile.allCases)
  func theSameSeedMakesTheSameRun(_ profile: FuzzProfile) {
    let fuzzer = Fuzzer { LenientJudge() }
    let run = fuzzer.run(seed: 11, profile: profile, steps: Self.steps)
    #expect(run.failure == nil && run.steps.count == Self.steps)
    #expect(fuzzer.run(seed: 11, profile: profile, steps: Self.steps).steps == run.steps)
    #expect(fuzzer.run(seed: 12, profile: profile, steps: Self.steps).steps != run.steps)
    let replay = fuzzer.replay(run.steps)
    #expect(replay.failure == nil && replay.statistics == run.statistics)
  }

  @Test(arguments: FuzzProfile.allCases)
  func everyStepIsALineOfNDJSON(_ profile: FuzzProfile) throws {
    for step in Fuzzer(makeJudge: { LenientJudge() }).run(seed: 5, profile: profile, steps: Self.steps).steps {
      #expect(try ScriptStep(from: Array(step.json.text.utf8)) == step)
    }
  }

  /// Events of every kind, and all that can come of one: or the simulator would hunt where nothing is.
  @Test func aRunMeetsEverything() {
    var kinds: Set<EventKind> = []
    var actions: Set<ActionKind> = []
    var reasons: Set<RejectionReason> = []
    var taskStates: Set<TaskState> = []
    var jobStates: Set<JobState> = []
    var brakes: Set<String> = []
    for profile in FuzzProfile.allCases {
      for seed: UInt64 in 1...6 {
        let run = Fuzzer(makeJudge: { LenientJudge() }).run(seed: seed, profile: profile, steps: Self.steps)
        var controller = ScriptedController(configuration: .fuzzing)
        var transactions: [Transaction] = []
        for step in run.steps {
          transactions += controller.take(step)
          for jobState in JobState.allCases where controller.state.totals.jobs[jobState] > 0 {
            jobStates.insert(jobState)
          }
          for brake in controller.state.brakes {
            brakes.insert(brake.isOverridden ? "overridden" : brake.zone.isEmpty ? "rest" : "zone")
            if brake.expiredWorkers > 0 { brakes.insert("slow") }
          }
        }
        kinds.formUnion(transactions.map(\.event.kind))
        actions.formUnion(transactions.flatMap(\.actions).map(\.kind))
        reasons.formUnion(transactions.compactMap(\.outcome.reason))
        taskStates.formUnion(transactions.flatMap(\.actions).compactMap(\.to))
      }
    }
    let made = Set(EventKind.allCases).subtracting([.tick])
    #expect(kinds.isSuperset(of: made), "not met: \(made.subtracting(kinds))")
    #expect(brakes == ["overridden", "rest", "zone", "slow"])
    let listed = Set(ActionKind.allCases)
    #expect(actions.isSuperset(of: listed), "not met: \(listed.subtracting(actions))")
    let needed = Set(RejectionReason.allCases).subtracting([.forbidden])
    #expect(reasons.isSuperset(of: needed), "not met: \(needed.subtracting(reasons))")
    #expect(taskStates == Set(TaskState.allCases), "not met: \(Set(TaskState.allCases).subtracting(taskStates))")
    #expect(jobStates == Set(JobState.allCases), "not met: \(Set(JobState.allCases).subtracting(jobStates))")
  }

  @Test func aFailureIsShrunkToWhatItNeeds() throws {
    let fuzzer = Fuzzer { FaultFinder() }
    var series = FuzzSeries(fuzzer, seed: 3, profile: .trees, steps: 20_000)
    while series.runNext() {}
    let found = try #require(series.counterexample)
    #expect(found.messages == ["a child has failed"] && found.originalMessages == found.messages)
    // Parent, child, worker, placement and report.
    let lines = found.steps.map(\.json.text)
    #expect(found.steps.count == 5, "\(lines)")
    #expect(found.originalSteps > found.steps.count)
    let read = try lines.map { try ScriptStep(from: Array($0.utf8)) }
    #expect(read == found.steps)
    #expect(fuzzer.replay(read).failure?.stepIndex == read.count - 1)
    for index in read.indices {
      var fewer = read
      fewer.remove(at: index)
      #expect(fuzzer.replay(fewer).failure == nil, "step \(index) is not needed")
    }
    let again = fuzzer.run(seed: found.seed, profile: found.profile, steps: FuzzSeries<FaultFinder>.stepsPerRun)
    #expect(again.failure?.messages == found.originalMessages && again.steps.count == found.originalSteps)
    #expect(found.json["events"] == .array(found.steps.map(\.json)))
    #expect(found.settings.contains { $0 == ("worker_timeout_ms", 5000) })
  }

  @Test func aSeriesTakesAllItsSteps() {
    var series = FuzzSeries(Fuzzer { LenientJudge() }, seed: 1, profile: nil, steps: 2500)
    while series.runNext() {}
    #expect(series.counterexample == nil && series.statistics.events == 2500)
    #expect(series.runs == 3)
  }
}
