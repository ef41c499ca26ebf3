import Controller
import EventJSON
import EventModel

extension ScriptStep {
  /// The step with a name in the place of each handle that means something in this state, in which it is going to be
  /// taken.
  public func named(by state: borrowing ControllerState) -> ScriptStep {
    guard case .event(let event) = self else { return self }
    let body = event.body.mapReferences(
      workerName: { state.view(of: $0)?.name }, jobName: { state.view(of: $0)?.name },
      taskName: { state.view(of: $0)?.name.description })
    return .event(Event(id: event.id, timestampMs: event.timestampMs, body: body, source: event.source))
  }
}
