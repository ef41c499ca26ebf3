import EventModel

/// One line of a script that drives a state machine without a dispatcher: an event, or what a dispatcher would do by
/// itself.
public enum ScriptStep: Hashable, Sendable {
  case event(Event)
  /// The clock moves: `{"type":"TICK","now_ms":…}`.
  case tick(nowMs: Int64)
  /// Save, load into a fresh controller, go on: `{"type":"RESTART","timestamp_ms":…}`.
  case restart(atMs: Int64)

  public init(from bytes: [UInt8]) throws(EventJSONError) {
    try self.init(from: JSONValue(parsing: bytes))
  }

  public init(from value: JSONValue) throws(EventJSONError) {
    switch value["type"] {
    case .string("TICK"): self = .tick(nowMs: try Self.time("now_ms", in: value))
    case .string("RESTART"): self = .restart(atMs: try Self.time("timestamp_ms", in: value))
    default: self = .event(try EventDecoder().event(from: value))
    }
  }

  private static func time(_ name: String, in value: JSONValue) throws(EventJSONError) -> Int64 {
    var fields = try JSONFields(value)
    _ = try fields.require("type")
    let timeMs = try fields.require(name).integer(in: Limits.timeMs)
    try fields.finish()
    return timeMs
  }
}
