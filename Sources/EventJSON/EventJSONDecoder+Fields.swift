import EventModel

extension EventJSONDecoder {
  func timestamp(_ fields: inout JSONFields, _ name: String = "timestamp_ms") throws(EventJSONError) -> Int64? {
    guard let field = fields.find(name), !(field.isTrusted && field.value == .null) else { return nil }
    return try field.integer(in: Limits.timeMs)
  }

  /// The time of an event that means something by it: a deadline or an order is reckoned from it.
  func meaningfulTimestamp(
    _ fields: inout JSONFields, _ name: String = "timestamp_ms"
  ) throws(EventJSONError) -> Int64? {
    switch timestamps {
    case .requiredWhereMeaningful: try fields.require(name).integer(in: Limits.timeMs)
    case .optional: try timestamp(&fields, name)
    }
  }

  /// Somebody says that the worker failed, or the dispatcher by its clock, with the times of the expiry.
  func failureCause(_ fields: inout JSONFields) throws(EventJSONError) -> WorkerFailureCause {
    let error = try fields.find("error")?.text(maxBytes: Limits.errorBytes)
    guard speaker != .peer, fields.has("last_heartbeat_ms") || fields.has("timeout_ms") else {
      return .reported(error: error)
    }
    // The error is for people: it follows from the timeout.
    let lastHeartbeatMs = try fields.require("last_heartbeat_ms").integer(in: Limits.timeMs)
    let timeoutMs = try fields.require("timeout_ms").integer(in: Limits.timeMs)
    _ = try fields.require("timestamp_ms")
    return .timedOut(lastHeartbeatMs: lastHeartbeatMs, timeoutMs: timeoutMs)
  }

  func attributes(_ fields: inout JSONFields) throws(EventJSONError) -> [WorkerMetadata.Attribute] {
    var attributes: [WorkerMetadata.Attribute] = []
    for (key, field) in fields.rest() {
      guard attributes.count < Limits.metadataEntries else {
        throw EventJSONError(
          .outOfRange, field: field.path, expected: "at most \(Limits.metadataEntries) entries besides its capacity",
          came: "one more")
      }
      guard key.utf8.count <= Limits.metadataBytes else {
        throw EventJSONError(
          .badLength, field: "metadata", expected: "keys of at most \(Limits.metadataBytes) bytes",
          came: "\(key.utf8.count) bytes")
      }
      guard field.isTrusted || !NameRule.hasControlCharacter(key.utf8) else {
        throw EventJSONError(
          .controlCharacter, field: "metadata", expected: "keys with \(NameRule.noControlCharacters)",
          came: "a key with one")
      }
      attributes.append(.init(key: key, value: try field.label(maxBytes: Limits.metadataBytes)))
    }
    return attributes
  }
}

extension EventJSONDecoder {
  /// What no one field is wrong about.
  func check(_ request: JobRequest, _ field: JSONField) throws(EventJSONError) {
    guard speaker != .archive else { return }
    guard request.constraints.recordBytes <= Limits.constraintsBytes else {
      throw EventJSONError(
        .outOfRange, field: "\(field.path).require",
        expected: "at most \(Limits.constraintsBytes) bytes of values, those of forbid included",
        came: "\(request.constraints.recordBytes)")
    }
    if let fault = request.specification.fault {
      throw EventJSONError(
        .outOfRange, field: "\(field.path).\(fault.field)", expected: fault.expected, came: fault.actual)
    }
  }
}

extension JSONField {
  /// At least one.
  func texts() throws(EventJSONError) -> [String] {
    var texts: [String] = []
    for element in try elements(maxCount: .max) { texts.append(try element.text(maxBytes: Limits.specificationBytes)) }
    guard isTrusted || !texts.isEmpty else { throw wrongType("an array of one text at least") }
    return texts
  }

  func variables() throws(EventJSONError) -> [Specification.Variable] {
    guard case .object(let members) = value else { throw wrongType("an object such as {\"LANG\": \"C\"}") }
    var variables: [Specification.Variable] = []
    for member in members {
      let value = try inside(".\(member.name)", member.value).text(maxBytes: Limits.specificationBytes)
      variables.append(Specification.Variable(name: member.name, value: value))
    }
    return variables
  }

  /// A value or an array of values by attribute.
  func constraints() throws(EventJSONError) -> AttributeValues {
    guard case .object(let members) = value else { throw wrongType("an object such as {\"zone\": \"a\"}") }
    var all = AttributeValues()
    for member in members {
      let attribute = try inside("", .string(member.name)).label(maxBytes: Limits.metadataBytes)
      let field = inside(".\(member.name)", member.value)
      if case .array(let values) = member.value {
        guard !values.isEmpty else { throw field.wrongType("a text or an array of one text at least") }
        for element in try field.elements(maxCount: .max) {
          all.add(try element.label(maxBytes: Limits.metadataBytes), of: attribute)
        }
      } else {
        all.add(try field.label(maxBytes: Limits.metadataBytes), of: attribute)
      }
    }
    return all
  }

  func task() throws(EventJSONError) -> TaskReference {
    try reference(to: TaskEntity.self, maxBytes: Limits.taskNameBytes)
  }

  func reportedTasks() throws(EventJSONError) -> [ReportedTask] {
    var reported: [ReportedTask] = []
    for pair in try elements(maxCount: Limits.reportedTasks) {
      guard case .array(let elements) = pair.value, elements.count == 2 else {
        throw pair.wrongType("a pair [task, attempt]")
      }
      let attempt = pair.inside("[1]", elements[1])
      reported.append(
        ReportedTask(
          task: try pair.inside("[0]", elements[0]).task(),
          attempt: try attempt.integer(in: UInt32.min...UInt32.max)))
    }
    return reported
  }
}
