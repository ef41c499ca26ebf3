import EventModel

extension Event {
  /// The event as `EventJSONDecoder` reads it. Its id is not part of it.
  ///
  /// What only the dispatcher's clock says (a tick, a passed deadline, the times of a worker that timed out) is refused
  /// on the way in unless a dispatcher is said to speak, as in scripts.
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("type", kind.name)
    body.append(to: &members)
    members.append(kind.timeMember, timestampMs.map(JSONValue.integer))
    members.append("source", source.map(\.json))
    return .object(members)
  }
}

extension EventSource {
  public var json: JSONValue {
    .object([
      .init("name", .string(name)), .init("incarnation", .integer(Int64(clamping: incarnation))),
      .init("sequence", .integer(Int64(clamping: sequence))),
    ])
  }
}

extension WorkerFailureCause {
  func append(to members: inout some JSONMembers) {
    members.append("error", error)
    if case .timedOut(let lastHeartbeatMs, let timeoutMs) = self {
      members.append("last_heartbeat_ms", .integer(lastHeartbeatMs))
      members.append("timeout_ms", .integer(timeoutMs))
    }
  }
}

extension ReportedTask {
  var json: JSONValue { .array([.string(task.jsonText), .integer(attempt)]) }
}

extension Reference {
  /// A name as it is, a handle as `#INDEX.GENERATION`.
  public var jsonText: String {
    switch self {
    case .name(let name): name
    case .handle(let handle): "#\(handle)"
    }
  }
}

extension [WorkerMetadata.Attribute] {
  /// In their order. A name is in an object once, so of repeated keys the first counts.
  func append(to members: inout [JSONValue.Member]) {
    for attribute in self where !members.contains(where: { $0.name.isSame(as: attribute.key) }) {
      members.append(attribute.key, attribute.value)
    }
  }
}

extension DeviceCounts {
  public var json: JSONValue { .object(all.map { JSONValue.Member($0.name, .integer($0.count)) }) }

  func append(to members: inout [JSONValue.Member]) {
    if !isEmpty { members.append("devices", json) }
  }
}

extension AttributeValues {
  public var json: JSONValue {
    .object(
      all.map { entry in
        let values = entry.values.map(JSONValue.string)
        return JSONValue.Member(entry.attribute, values.count == 1 ? values[0] : .array(values))
      })
  }
}

extension Constraints {
  public var json: JSONValue { .object([.init("require", require.json), .init("forbid", forbid.json)]) }
}

extension [Specification.Variable] {
  var json: JSONValue { .object(map { JSONValue.Member($0.name, .string($0.value)) }) }
}

extension Specification {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    let fields = fields
    members.append("command", fields.command)
    members.append("script", fields.script)
    members.append("environment", fields.environment)
    members.append("working_directory", fields.workingDirectory)
    members.append("user", fields.user)
    members.append("stop_timeout_ms", fields.stopTimeoutMs.map(JSONValue.integer))
    members.append("stop_signal", fields.stopSignal)
    members.append("when_cut_off", fields.whenCutOff?.name)
    members.append("tasks_max", fields.tasksMax.map(JSONValue.integer))
    members.append("credentials", fields.credentials)
    members.append("sandbox", fields.sandbox?.name)
    return .object(members)
  }
}

extension [JSONValue.Member] {
  mutating func append(_ name: String, _ values: AttributeValues) {
    if !values.isEmpty { append(name, values.json) }
  }

  mutating func append(_ name: String, _ texts: [String]) {
    if !texts.isEmpty { append(name, .array(texts.map(JSONValue.string))) }
  }

  mutating func append(_ name: String, _ variables: [Specification.Variable]) {
    if !variables.isEmpty { append(name, variables.json) }
  }
}

extension Resource {
  /// So much of it, as JSON has it: cpus, bytes, devices.
  fileprivate func json(_ amount: Int64) -> JSONValue {
    self == .cpu ? .cpus(milliCPU: amount) : .integer(amount)
  }
}

extension Shortage {
  public var members: [JSONValue.Member] {
    [
      JSONValue.Member("missing", .string(resource.name)), JSONValue.Member("needed", resource.json(needed)),
      JSONValue.Member("free", resource.json(free)),
    ]
  }
}
