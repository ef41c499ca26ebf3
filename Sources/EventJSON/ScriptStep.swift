import EventModel

/// One line of a script that drives a state machine without a dispatcher: an event, or what a dispatcher would do by
/// itself.
public enum ScriptStep: Hashable, Sendable {
  case event(Event)
  /// The clock moves: `{"type":"TICK","now_ms":…}`.
  case tick(nowMs: Int64)
  /// What is silent is judged as of a moment, with grace and brakes: `{"type":"SWEEP","now_ms":…}`.
  case sweep(asOfMs: Int64)
  /// Save, load into a fresh controller, go on: `{"type":"RESTART","timestamp_ms":…}`.
  case restart(atMs: Int64)

  public init(from bytes: [UInt8]) throws(EventJSONError) {
    try self.init(from: JSONValue(parsing: bytes))
  }

  public init(from value: JSONValue) throws(EventJSONError) {
    switch value["type"] {
    case .string("TICK"): self = .tick(nowMs: try Self.time("now_ms", in: value))
    case .string("SWEEP"): self = .sweep(asOfMs: try Self.time("now_ms", in: value))
    case .string("CONTROLLER_STALLED"): self = .event(try Self.stall(value))
    case .string("RESTART"): self = .restart(atMs: try Self.time("timestamp_ms", in: value))
    default: self = .event(try EventJSONDecoder().event(from: value))
    }
  }

  /// Of the dispatcher's own events the only one that does not follow from others:
  /// `{"type":"CONTROLLER_STALLED","stalled_ms":…,"timestamp_ms":…}`.
  private static func stall(_ value: JSONValue) throws(EventJSONError) -> Event {
    var fields = try JSONFields(value)
    _ = try fields.require("type")
    let stalledMs = try fields.require("stalled_ms").integer(in: Limits.timeMs)
    let timeMs = try fields.require("timestamp_ms").integer(in: Limits.timeMs)
    try fields.finish()
    return .controllerStalled(stalledMs: stalledMs, timestampMs: timeMs)
  }

  private static func time(_ name: String, in value: JSONValue) throws(EventJSONError) -> Int64 {
    var fields = try JSONFields(value)
    _ = try fields.require("type")
    let timeMs = try fields.require(name).integer(in: Limits.timeMs)
    try fields.finish()
    return timeMs
  }
}
