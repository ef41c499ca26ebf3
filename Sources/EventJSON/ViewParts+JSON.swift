import EventModel

// Members of a row's object; what there is not is null.

extension [JSONValue.Member] {
  mutating func add(_ name: String, _ value: JSONValue) { append(JSONValue.Member(name, value)) }
  mutating func add(_ name: String, _ text: String?) { add(name, .text(text)) }
  mutating func add(_ name: String, _ number: (some BinaryInteger)?) {
    add(name, number.map { .integer($0) } ?? .null)
  }
  mutating func add(_ name: String, _ flag: Bool) { add(name, .boolean(flag)) }
  mutating func add<Entity>(_ name: String, _ handle: Handle<Entity>) { add(name, .string(handle.description)) }
  mutating func add(_ name: String, _ worker: WorkerIdentity?) { add(name, worker?.name) }
  mutating func add(_ names: String, _ metadata: WorkerMetadata) {
    self += metadata.capacity.members()
    add("confirms_stops", metadata.confirmsStops)
    var attributes: [JSONValue.Member] = []
    metadata.attributes.append(to: &attributes)
    add("attributes", .object(attributes))
  }
  mutating func add(_ names: String, _ committed: Resources) { self += committed.members(prefix: "committed_") }
  mutating func add(_ name: String, _ devices: DeviceCounts) { add(name, devices.json) }
  mutating func add(_ name: String, _ values: AttributeValues) { add(name, values.json) }
  mutating func add(_ name: String, _ texts: [String]) {
    add(name, texts.isEmpty ? .null : .array(texts.map(JSONValue.string)))
  }
  mutating func add(_ name: String, _ variables: [Specification.Variable]) { add(name, variables.json) }
  mutating func add(_ name: String, _ event: Event?) { add(name, event?.json ?? .null) }

  mutating func add(_ name: String, _ task: TaskName) {
    add(name, task.description)
    add("job_id", task.job)
  }

  mutating func add(_ name: String, _ counts: TaskStateCounts) {
    add(name, .object(TaskState.allCases.map { JSONValue.Member($0.name, .integer(counts[$0])) }))
  }

  mutating func add(_ name: String, _ id: EventID) {
    add(name, id.description)
    add("peer", id.peer)
  }

  /// In hexadecimal digits.
  mutating func add(_ name: String, _ bytes: [UInt8]) {
    add(name, bytes.isEmpty ? nil : bytes.hexadecimal)
  }

  mutating func add(_ name: String, _ content: StepContent) {
    switch content {
    case .event(let event, let subject):
      add("event_id", event.id.description)
      add("event", event)
      add("entity", subject?.description)
    case .action(let action):
      if case .object(let fields) = action.json { self += fields }
    }
  }
}

extension Resources {
  /// As the JSON of rows has them: `cpu`, `memory_bytes`, `devices`, each behind the prefix.
  public func members(prefix: String = "") -> [JSONValue.Member] {
    [
      JSONValue.Member("\(prefix)cpu", .cpus(milliCPU: milliCPU)),
      JSONValue.Member("\(prefix)memory_bytes", .integer(memoryBytes)),
      JSONValue.Member("\(prefix)devices", devices.json),
    ]
  }
}

extension [UInt8] {
  public var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension JSONValue {
  /// null for none.
  public static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
