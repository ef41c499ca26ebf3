import EventJSON
import EventModel

extension ScriptStep {
  /// The step as one object of NDJSON, as `ScriptStep(from:)` and so `ringctl simulate` read it.
  public var json: JSONValue {
    switch self {
    case .event(let event): event.json
    case .tick(let nowMs):
      .object([.init("type", .string(EventKind.tick.name)), .init("now_ms", .integer(nowMs))])
    case .sweep(let asOfMs):
      .object([.init("type", .string("SWEEP")), .init("now_ms", .integer(asOfMs))])
    case .restart(let atMs):
      .object([.init("type", .string("RESTART")), .init("timestamp_ms", .integer(atMs))])
    }
  }
}
