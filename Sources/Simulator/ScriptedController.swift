import Controller
import EventJSON
import EventModel

/// A state machine that a script drives, with the part of the dispatcher that judges silence.
public struct ScriptedController: ~Copyable {
  public private(set) var state: ControllerState
  private var judge = LivenessJudge()

  public init(configuration: ControllerConfiguration) {
    state = ControllerState(configuration: configuration)
  }

  /// Goes on where another left off.
  public init(_ state: consuming ControllerState) {
    self.state = state
  }

  /// Takes a step and returns the transactions that it made, in order.
  public mutating func take(_ step: ScriptStep) -> [Transaction] {
    switch step {
    case .event(let event): return [state.handle(event)]
    case .configured(let settings):
      state.configure(settings)
      return []
    case .tick(let nowMs): return state.tick(nowMs: nowMs)
    case .sweep(let asOfMs): return judge.sweep(&state, asOfMs: asOfMs)
    case .place: return state.placeAll { event, state in state.handle(event) }
    case .restart(let atMs):
      state = ControllerState(restoring: state.save(), configuration: state.configuration, atMs: atMs)
      judge = LivenessJudge()
      return []
    }
  }
}
