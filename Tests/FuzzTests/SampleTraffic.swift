import Controller
import ControllerFuzzer
import EventJSON
import EventModel

/// Real traffic to begin with: what a simulated cluster is told and answers.
struct SampleTraffic {
  private(set) var steps: [ScriptStep] = []
  private(set) var results: [DispatchResult] = []

  init(stepsPerProfile: Int = 150) {
    let fuzzer = Fuzzer { LenientJudge() }
    for profile in FuzzProfile.allCases {
      let run = fuzzer.run(seed: 7, profile: profile, steps: stepsPerProfile)
      steps += run.steps
      var state = ControllerState(configuration: fuzzer.configuration)
      for case .event(let event) in run.steps { append(state.handle(event)) }
      for transaction in state.tick(nowMs: state.nowMs + 600_000) { append(transaction) }
    }
  }

  private mutating func append(_ transaction: Transaction) {
    let observations = [
      Observation(observer: "log", outcome: .succeeded), Observation(observer: "mail", outcome: .threw(error: "full")),
      Observation(observer: "desk", outcome: .returned(value: "4711")),
    ]
    let dispositions: [DispatchResult.Disposition] = [
      .handled(transaction), .dropped(by: "owner"), .deadLettered(.noHandler),
    ]
    results.append(
      DispatchResult(
        event: transaction.event, disposition: dispositions[results.count % 11 == 0 ? 1 + results.count % 2 : 0],
        observations: results.count % 3 == 0 ? observations : []))
  }
}
