import Controller
import EventBus
import EventJSON
import EventModel
import Simulator

extension TestCluster {
  /// A line of a script that is none.
  public struct ScriptError: Error, CustomStringConvertible {
    public let line: Int
    public let error: EventJSONError

    public var description: String { "line \(line): \(error)" }
  }

  /// Runs a script, one event a line as JSON, as `ringctl simulate` reads it: its TICK, SWEEP, PLACE, RESTART and
  /// CONFIGURED too; PLACE by the cluster's own policy.
  /// Lines of `ringctl journal dump` are one. What only a dispatcher says by itself goes through the bus like the rest.
  ///
  /// - Returns: what came of each event, and of what followed from the clock.
  /// - Throws: `ScriptError` with the first line that is none; those before it have been run.
  @discardableResult
  public func run(_ script: String) throws -> [DispatchResult] {
    var results: [DispatchResult] = []
    var reader = NDJSONReader<ScriptStep> { line throws(EventJSONError) in try ScriptStep(from: line) }
    func take(_ line: NDJSONReader<ScriptStep>.Line) throws {
      switch line.result {
      case .success(let step): results += self.take(step)
      case .failure(let error): throw ScriptError(line: line.number, error: error)
      }
    }
    try reader.read(Array(script.utf8), take)
    try reader.finish(take)
    return results
  }

  private func take(_ step: ScriptStep) -> [DispatchResult] {
    switch step {
    case .event(let event): return [event.id == EventID(peer: 0, position: 0) ? send(event) : dispatch(event)]
    case .configured(let settings): state.configure(settings)
    case .tick(let nowMs): return advance(toMs: nowMs)
    case .sweep(let asOfMs): return sweep(asOfMs: asOfMs)
    case .place: return place()
    case .restart(let atMs):
      state = ControllerState(restoring: state.save(), configuration: state.configuration, atMs: atMs)
      judge = LivenessJudge()
    }
    return []
  }

  private func sweep(asOfMs: Int64) -> [DispatchResult] {
    var results: [DispatchResult] = []
    judge.begin(asOfMs: asOfMs)
    while judge.isUnderWay {
      var due: [Event] = []
      judge.advance(&state, slots: .max, into: &due)
      results += handle(due: due)
    }
    return results
  }
}
