import CRingmaster
import EventModel

/// What an event makes of the fields of its text.
extension EventFields {
  /// 0 for tags that no event has. Those that may be skipped have the upper half of the bits.
  static func bit(of tag: UInt32) -> UInt64 {
    if tag < 32 { return 1 << tag }
    return (RM_TAG_SKIPPABLE..<RM_TAG_SKIPPABLE + 32).contains(tag) ? 1 << (32 + tag - RM_TAG_SKIPPABLE) : 0
  }

  /// Twice the same field would have two meanings.
  func note(_ tag: UInt32, _ tags: inout UInt64) throws(CodecError) {
    let bit = Self.bit(of: tag)
    guard tags & bit & EventKind.singleFields == 0 else {
      throw .malformed(field: "text", expected: "each field once", actual: "tag \(tag) again")
    }
    tags |= bit
  }

  /// Refuses what an event of this kind does not have, unless it may be skipped: it would be lost silently.
  func check(belongTo kind: EventKind) throws(CodecError) {
    let strange = tags & ~kind.fields & UInt64(UInt32.max)
    guard strange == 0 else {
      throw .malformed(
        field: "text", expected: "only fields of \(kind.name)", actual: "tag \(strange.trailingZeroBitCount)")
    }
  }

  func need<Value>(_ value: Value?, _ field: String) throws(CodecError) -> Value {
    guard let value else { throw .malformed(field: field, expected: "a value", actual: "none") }
    return value
  }

  func number<Wire: FixedWidthInteger, Number: FixedWidthInteger>(
    _ value: Wire, in range: ClosedRange<Number>, _ field: String
  ) throws(CodecError) -> Number {
    guard let number = Number(exactly: value), range.contains(number) else {
      throw .malformed(field: field, expected: "\(range.lowerBound) to \(range.upperBound)", actual: "\(value)")
    }
    return number
  }

  func taskState(_ value: UInt8, _ field: String) throws(CodecError) -> TaskState {
    guard let state = TaskState(rawValue: value) else {
      throw .malformed(field: field, expected: "a task state", actual: "\(value)")
    }
    return state
  }

  func code<Code: NamedCode>(
    _ value: some FixedWidthInteger, _ field: String
  ) throws(CodecError) -> Code where Code.RawValue == UInt8 {
    guard let raw = UInt8(exactly: value), let code = Code(rawValue: raw) else {
      throw .malformed(field: field, expected: "a known code", actual: "\(value)")
    }
    return code
  }

  /// 0 is none.
  func optionalCode<Code: NamedCode>(
    _ value: UInt8, _ field: String
  ) throws(CodecError) -> Code? where Code.RawValue == UInt8 {
    value == 0 ? nil : try code(value, field)
  }

  func optionalReference<Entity>(
    _ handle: UInt64, _ name: String?, _ field: String
  ) throws(CodecError) -> Reference<Entity>? {
    handle == 0 && name == nil ? nil : try reference(handle, name, field)
  }

  func reference<Entity>(
    _ handle: UInt64, _ name: String?, _ field: String
  ) throws(CodecError) -> Reference<Entity> {
    // Only a task's name may be longer than its job's.
    if Entity.self != TaskEntity.self, let name { try checkLength(of: name, field) }
    if handle != 0 { return .handle(try Self.handle(handle, field)) }
    guard let name else { throw .malformed(field: field, expected: "a handle or a name", actual: "neither") }
    try Self.checkIsNoHandle(name, field)
    return .name(name)
  }

  /// The name of something that the event creates.
  func newName(_ field: String) throws(CodecError) -> String {
    guard let name = subjectName else { throw .malformed(field: field, expected: "a name", actual: "none") }
    try checkLength(of: name, field)
    try Self.checkIsNoHandle(name, field)
    return name
  }

  static func handle<Entity>(_ raw: UInt64, _ field: String) throws(CodecError) -> Handle<Entity> {
    let handle = Handle<Entity>(rawValue: raw)
    guard handle.generation > 0 else {
      throw .malformed(field: field, expected: "a handle, whose generation is not 0", actual: "\(raw)")
    }
    return handle
  }

  /// In text it would read as a handle.
  static func checkIsNoHandle(_ name: String, _ field: String) throws(CodecError) {
    guard !NameRule.looksLikeHandle(name.utf8) else {
      throw .malformed(field: field, expected: NameRule.notLikeAHandle, actual: "one that does")
    }
  }

  private func checkLength(of name: String, _ field: String) throws(CodecError) {
    guard name.utf8.count <= Limits.nameBytes else {
      throw .malformed(field: field, expected: "at most \(Limits.nameBytes) bytes", actual: "\(name.utf8.count)")
    }
  }
}

/// The attributes of a worker: keys and values in turn.
struct AttributeFields {
  private(set) var all: [WorkerMetadata.Attribute] = []
  private var key: String?

  mutating func take(key field: FieldReader.Field) throws(CodecError) {
    try finish()
    let key = try field.label("metadata", limit: Limits.metadataBytes)
    guard all.mayHave(key) else {
      throw .malformed(
        field: "metadata", expected: "each key once, and none that a resource has", actual: "'\(key)'")
    }
    self.key = key
  }

  mutating func take(value field: FieldReader.Field) throws(CodecError) {
    guard let key else { throw .malformed(field: "metadata", expected: "a key before its value", actual: "none") }
    guard all.count < Limits.metadataEntries else {
      throw .malformed(field: "metadata", expected: "at most \(Limits.metadataEntries) entries", actual: "more")
    }
    all.append(.init(key: key, value: try field.label("metadata", limit: Limits.metadataBytes)))
    self.key = nil
  }

  func finish() throws(CodecError) {
    guard key == nil else { throw .malformed(field: "metadata", expected: "a value after its key", actual: "none") }
  }
}

/// The devices of a worker, or of each task of a job.
struct DeviceFields {
  private(set) var all = DeviceCounts()
  private var names: [String] = []

  mutating func take(_ field: FieldReader.Field) throws(CodecError) {
    let device = try field.prefix("devices", as: rm_device.self, name: Limits.deviceBytes)
    guard Limits.deviceCount.contains(device.value.count) else {
      throw .malformed(
        field: "devices", expected: "\(Limits.deviceCount.lowerBound) to \(Limits.deviceCount.upperBound)",
        actual: "\(device.value.count)")
    }
    guard !names.contains(where: { $0.utf8.elementsEqual(device.name.utf8) }) else {
      throw .malformed(field: "devices", expected: "each kind once", actual: device.name)
    }
    names.append(device.name)
    all[device.name] = device.value.count
    guard names.count <= Limits.deviceKinds else {
      throw .malformed(field: "devices", expected: "at most \(Limits.deviceKinds) kinds", actual: "more")
    }
  }
}

/// The tasks that a worker reports: a handle, or an attempt and then a name.
struct ReportedFields {
  private(set) var all: [ReportedTask] = []
  private var unnamedAttempt: UInt32?

  mutating func take(task field: FieldReader.Field) throws(CodecError) {
    try finish()
    let line = try field.value("reported", as: rm_reported_task.self)
    guard all.count < Limits.reportedTasks else {
      throw .malformed(field: "reported", expected: "at most \(Limits.reportedTasks) tasks", actual: "more")
    }
    if line.task == 0 {
      unnamedAttempt = line.attempt
    } else {
      all.append(ReportedTask(task: .handle(try EventFields.handle(line.task, "reported")), attempt: line.attempt))
    }
  }

  mutating func take(name field: FieldReader.Field) throws(CodecError) {
    guard let attempt = unnamedAttempt else {
      throw .malformed(field: "reported", expected: "an attempt before its task's name", actual: "none")
    }
    let name = try field.name("reported", limit: Limits.taskNameBytes)
    try EventFields.checkIsNoHandle(name, "reported")
    all.append(ReportedTask(task: .name(name), attempt: attempt))
    unnamedAttempt = nil
  }

  /// A task left out of a worker's account would be taken for lost.
  func finish() throws(CodecError) {
    guard unnamedAttempt == nil else {
      throw .malformed(field: "reported", expected: "a task's handle or its name", actual: "neither")
    }
  }
}
