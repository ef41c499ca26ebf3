import Controller
import EventModel
import ReferenceModel

extension Differences {
  /// Compares what one call of the scheduler proposed with a pass over the whole queue, as far as the call went.
  mutating func compare(_ pass: ProposedPass, _ state: borrowing ControllerState, _ model: ReferenceModel) {
    let proposals = pass.proposals.map { Self.text($0, state) }
    if !pass.proposals.isEmpty, pass.proposals.allSatisfy({ $0.kind == .taskPreempted }) {
      // What an earlier call proposed was undone in part; it goes before anything new.
      for event in pass.proposals where !isOfHalfPlacedGang(event, state, model) {
        note("proposed to preempt: \(Self.text(event, state)), which is of no gang that is placed in part")
      }
      return
    }
    let expected = Self.proposals(model.placements, limit: pass.limit)
    // A call that has proposed something leaves a gang that may be too much for it to the next.
    let goesOn = !proposals.isEmpty && state.hasSchedulableWork
    if goesOn, proposals.count < expected.count, proposals[...] == expected.prefix(proposals.count) { return }
    expect(proposals, expected, "proposals, at most \(pass.limit)")
  }

  private static func proposals(_ asks: [ModelAsk], limit: Int) -> [String] {
    var proposals: [String] = []
    for ask in asks where proposals.count < limit {
      switch ask {
      case .task(let task, let worker): proposals.append("\(task) on \(worker)")
      case .release(let job): proposals.append("release of \(job)")
      case .gang(let tasks, let workers):
        guard proposals.isEmpty || proposals.count + tasks.count <= limit else { return proposals }
        proposals += zip(tasks, workers).map { "\($0) on \($1)" }
      }
    }
    return proposals
  }

  private static func text(_ event: Event, _ state: borrowing ControllerState) -> String {
    switch event.body {
    case .taskAssigned(.handle(let task), .handle(let worker)):
      "\(state.view(of: task)?.name.description ?? "?") on \(state.view(of: worker)?.name ?? "?")"
    case .taskPreempted(.handle(let task), _): "release of \(state.view(of: task)?.name.job ?? "?")"
    default: "\(event)"
    }
  }

  private func isOfHalfPlacedGang(_ event: Event, _ state: borrowing ControllerState, _ model: ReferenceModel) -> Bool {
    guard case .taskPreempted(.handle(let task), _) = event.body,
      let job = state.view(of: task).flatMap({ model.job(named: $0.name.job) })
    else { return false }
    return model.isHalfPlaced(job)
  }
}
