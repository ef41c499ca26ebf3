import EventModel

extension ScriptStep {
  /// The step as one object of NDJSON, as `ScriptStep(from:)` and so `ringctl simulate` read it.
  public var json: JSONValue {
    switch self {
    case .event(let event): .object(event.scriptMembers)
    case .configured(let settings):
      .object(
        [.init("type", .string(Self.configuredType))]
          + ControllerSetting.allCases.compactMap { setting in
            settings[setting].map { .init(setting.name, .integer($0)) }
          })
    case .tick(let nowMs):
      .object([.init("type", .string(EventKind.tick.name)), .init("now_ms", .integer(nowMs))])
    case .sweep(let asOfMs):
      .object([.init("type", .string("SWEEP")), .init("now_ms", .integer(asOfMs))])
    case .place: .object([.init("type", .string("PLACE"))])
    case .restart(let atMs):
      .object([.init("type", .string("RESTART")), .init("timestamp_ms", .integer(atMs))])
    }
  }
}

extension Event {
  /// The event, with its id where it has one.
  fileprivate var scriptMembers: [JSONValue.Member] {
    guard case .object(let members) = json else { preconditionFailure("an event is an object") }
    guard id != EventID(peer: 0, position: 0) else { return members }
    return members + [.init("event_id", .string(id.description))]
  }
}
