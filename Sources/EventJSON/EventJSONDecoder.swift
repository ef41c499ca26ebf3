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
    /// Those that only a dispatcher makes as well: for scripts, which may tell what one did.
    case dispatcher
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
    var fields = try JSONFields(value)
    let event = try event(of: kind(&fields), &fields)
    try fields.finish()
    return event
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
    case .dispatcher: true
    }
  }

  private func event(of kind: EventKind, _ fields: inout JSONFields) throws(EventJSONError) -> Event {
    switch kind {
    case .workerRegistered: return try workerRegistered(&fields)
    case .workerHeartbeat:
      let worker = try worker(&fields)
      return .workerHeartbeat(worker, timestampMs: try meaningfulTimestamp(&fields))
    case .workerHeartbeatFailed:
      let worker = try worker(&fields)
      return .workerHeartbeatFailed(worker, error: try error(&fields), timestampMs: try timestamp(&fields))
    case .workerFailed:
      if isExpiry(fields) { return try workerTimedOut(&fields) }
      let worker = try worker(&fields)
      return .workerFailed(worker, error: try error(&fields), timestampMs: try timestamp(&fields))
    case .workerReconciled:
      let worker = try worker(&fields)
      return .workerReconciled(worker, reported: try reported(&fields), timestampMs: try timestamp(&fields))
    case .jobSubmitted: return try jobSubmitted(&fields)
    case .jobCancelled:
      let job = try fields.require("job_id").reference(to: JobEntity.self)
      let reason = try fields.require("reason").text(maxBytes: Limits.errorBytes)
      return .jobCancelled(job, reason: reason, timestampMs: try timestamp(&fields))
    case .taskAssigned:
      let task = try task(&fields)
      return .taskAssigned(task, worker: try worker(&fields), timestampMs: try timestamp(&fields))
    case .taskStateChanged: return try taskStateChanged(&fields)
    case .taskPreempted:
      let task = try task(&fields)
      let reason = try fields.find("reason")?.text(maxBytes: Limits.errorBytes)
      return .taskPreempted(task, reason: reason, timestampMs: try timestamp(&fields))
    case .endpointRegistered:
      let task = try task(&fields)
      let endpoint = try fields.require("endpoint").name()
      return .endpointRegistered(task, endpoint: endpoint, timestampMs: try timestamp(&fields))
    case .prune: return .prune(nowMs: try fields.require("now_ms").integer(in: Limits.timeMs))
    case .brakeOverridden:
      let zone = try fields.require("zone").label(maxBytes: Limits.metadataBytes)
      let reason = try fields.find("reason")?.text(maxBytes: Limits.errorBytes)
      return .brakeOverridden(zone: zone, reason: reason, timestampMs: try timestamp(&fields))
    case .tick, .schedulingDeadlinePassed, .controllerStalled, .brakeEngaged, .brakeReleased, .clockCorrected:
      return try ownEvent(of: kind, &fields)
    }
  }

  private func workerRegistered(_ fields: inout JSONFields) throws(EventJSONError) -> Event {
    let name = try fields.require("worker_id").newName()
    let address = try fields.require("address").name()
    let metadata = try metadata(fields.require("metadata"))
    let incarnation = try fields.find("incarnation")?.name()
    return .workerRegistered(
      name, address: address, metadata: metadata, incarnation: incarnation,
      timestampMs: try meaningfulTimestamp(&fields))
  }

  private func metadata(_ field: JSONField) throws(EventJSONError) -> WorkerMetadata {
    var fields = try JSONFields(field.value, path: field.path)
    let milliCPU = try fields.require("cpu").milliCPU()
    var attributes: [WorkerMetadata.Attribute] = []
    for (key, field) in fields.rest() {
      guard attributes.count < Limits.metadataEntries else {
        throw EventJSONError(
          .outOfRange, field: field.path, expected: "at most \(Limits.metadataEntries) entries besides cpu",
          came: "one more")
      }
      guard key.utf8.count <= Limits.metadataBytes else {
        throw EventJSONError(
          .badLength, field: "metadata", expected: "keys of at most \(Limits.metadataBytes) bytes",
          came: "\(key.utf8.count) bytes")
      }
      guard !NameRule.hasControlCharacter(key.utf8) else {
        throw EventJSONError(
          .controlCharacter, field: "metadata", expected: "keys with \(NameRule.noControlCharacters)",
          came: "a key with one")
      }
      attributes.append(.init(key: key, value: try field.label(maxBytes: Limits.metadataBytes)))
    }
    return WorkerMetadata(milliCPU: milliCPU, attributes: attributes)
  }

  private func taskStateChanged(_ fields: inout JSONFields) throws(EventJSONError) -> Event {
    let task = try task(&fields)
    let attempt = try fields.require("attempt_id").integer(in: UInt32.min...UInt32.max)
    let state = try fields.require("new_state").taskState()
    let error = try error(&fields)
    let exitCode = try fields.find("exit_code")?.integer(in: Int32.min...Int32.max)
    return .taskStateChanged(
      task, attempt: attempt, state: state, error: error, exitCode: exitCode, timestampMs: try timestamp(&fields))
  }
}
