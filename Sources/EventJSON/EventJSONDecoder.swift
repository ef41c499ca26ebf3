import EventModel

/// Makes events of JSON objects. Whatever an event must not contain is refused here, so that nobody behind has to look.
public struct EventJSONDecoder: Sendable {
  /// Who says when an event happened.
  public enum TimestampPolicy: Sendable {
    /// The text must, in the events whose meaning needs it: for scripts that run without a clock.
    case requiredWhereMeaningful
    /// The text may; the receiver stamps what comes without.
    case optional
  }

  /// Whose events are let through.
  public enum Speaker: Sendable {
    /// Those that a peer may publish.
    case peer
    /// Those that only a dispatcher makes as well: for scripts, which may say what one did.
    case dispatcher
    /// The same, as they were: an archive, whose events were checked when they came in.
    case archive
  }

  let timestamps: TimestampPolicy
  let speaker: Speaker

  public init(timestamps: TimestampPolicy = .requiredWhereMeaningful, speaker: Speaker = .peer) {
    self.timestamps = timestamps
    self.speaker = speaker
  }

  /// Decodes one JSON text in UTF-8.
  public func event(from bytes: [UInt8]) throws(EventJSONError) -> Event {
    try event(from: JSONValue(parsing: bytes))
  }

  /// Decodes one JSON object. The event has no id yet, and a time only if the object says one.
  public func event(from value: JSONValue) throws(EventJSONError) -> Event {
    var fields = try JSONFields(JSONField(path: "", value: value, isTrusted: speaker == .archive))
    let event = try event(of: kind(&fields), &fields)
    let field = fields.find("source")
    try fields.finish()
    return if let field { event.said(by: try source(field)) } else { event }
  }

  private func source(_ field: JSONField) throws(EventJSONError) -> EventSource {
    var fields = try JSONFields(field)
    let name = try fields.require("name").name()
    let incarnation = try fields.find("incarnation")?.integer(in: Limits.sourceNumber) ?? 0
    let sequence = try fields.require("sequence").integer(in: 1...Limits.sourceNumber.upperBound)
    try fields.finish()
    return EventSource(name: name, incarnation: UInt64(incarnation), sequence: UInt64(sequence))
  }

  private func kind(_ fields: inout JSONFields) throws(EventJSONError) -> EventKind {
    let type = try fields.require("type")
    let name = try type.name()
    guard let kind = EventKind(name: name) else {
      let known = EventKind.allCases.filter(isSpoken).map(\.name).joined(separator: ", ")
      throw type.unknownValue("one of \(known)")
    }
    guard isSpoken(kind) else {
      throw EventJSONError(
        .notExternal, field: type.path, expected: "an event that others may publish",
        came: "\(name), which only the dispatcher's clock makes")
    }
    return kind
  }

  private func isSpoken(_ kind: EventKind) -> Bool {
    switch speaker {
    case .peer: kind.isExternal
    case .dispatcher, .archive: true
    }
  }
}
