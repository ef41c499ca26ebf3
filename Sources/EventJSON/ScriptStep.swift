import EventModel

/// One line of a script that drives a state machine without a dispatcher: an event, or what a dispatcher would do by
/// itself.
///
/// Around an event a line may say what a journal says of it: its id (`"event_id":"PEER:POSITION"`) and its transaction's
/// number (`"txn"`), which is for readers alone.
public enum ScriptStep: Hashable, Sendable {
  case event(Event)
  /// Other settings from here on: `{"type":"CONFIGURED","worker_timeout_ms":…}`. What is not named stays.
  case configured([ControllerSetting: Int64])
  /// The clock moves: `{"type":"TICK","now_ms":…}`.
  case tick(nowMs: Int64)
  /// What is silent is judged as of a moment, with grace and brakes: `{"type":"SWEEP","now_ms":…}`.
  case sweep(asOfMs: Int64)
  /// Save, load into a fresh controller, go on: `{"type":"RESTART","timestamp_ms":…}`.
  case restart(atMs: Int64)
  /// What waits is placed by first fit, as of the present clock, until nothing more fits: `{"type":"PLACE"}`.
  case place

  public static let configuredType = "CONFIGURED"
  private static let envelopeNames: Set = ["event_id", "txn"]

  public init(from bytes: [UInt8]) throws(EventJSONError) {
    try self.init(from: JSONValue(parsing: bytes))
  }

  public init(from value: JSONValue) throws(EventJSONError) {
    switch value["type"] {
    case .string(Self.configuredType): self = .configured(try Self.settings(value))
    case .string("TICK"): self = .tick(nowMs: try Self.time("now_ms", in: value))
    case .string("SWEEP"): self = .sweep(asOfMs: try Self.time("now_ms", in: value))
    case .string("PLACE"): self = try Self.place(value)
    case .string("RESTART"): self = .restart(atMs: try Self.time("timestamp_ms", in: value))
    default: self = try Self.eventStep(value)
    }
  }

  private static func eventStep(_ value: JSONValue) throws(EventJSONError) -> ScriptStep {
    var id = EventID(peer: 0, position: 0)
    var content = value
    if case .object(let members) = value {
      let envelope = try JSONFields(.object(members.filter { envelopeNames.contains($0.name) }))
      id = try Self.id(envelope)
      content = .object(members.filter { !envelopeNames.contains($0.name) })
    }
    let decoded = try EventJSONDecoder(speaker: .dispatcher).event(from: content)
    return .event(Event(id: id, timestampMs: decoded.timestampMs, body: decoded.body, source: decoded.source))
  }

  private static func id(_ envelope: JSONFields) throws(EventJSONError) -> EventID {
    var envelope = envelope
    guard let field = envelope.find("event_id") else { return EventID(peer: 0, position: 0) }
    let parts = try field.name().split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let peer = UInt32(parts[0]), let position = UInt64(parts[1]) else {
      throw field.unknownValue("PEER:POSITION")
    }
    return EventID(peer: peer, position: position)
  }

  private static func settings(_ value: JSONValue) throws(EventJSONError) -> [ControllerSetting: Int64] {
    var fields = try JSONFields(value)
    _ = try fields.require("type")
    var settings: [ControllerSetting: Int64] = [:]
    for setting in ControllerSetting.allCases {
      settings[setting] = try fields.find(setting.name)?.integer(in: setting.range)
    }
    try fields.finish()
    return settings
  }

  private static func place(_ value: JSONValue) throws(EventJSONError) -> ScriptStep {
    var fields = try JSONFields(value)
    _ = try fields.require("type")
    try fields.finish()
    return .place
  }

  private static func time(_ name: String, in value: JSONValue) throws(EventJSONError) -> Int64 {
    var fields = try JSONFields(value)
    _ = try fields.require("type")
    let timeMs = try fields.require(name).integer(in: Limits.timeMs)
    try fields.finish()
    return timeMs
  }
}
