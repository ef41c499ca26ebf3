import CRingmaster
import EventModel

// The parts of a job's request that are lists: which workers may have it, and what it says for these alone.

/// The values of attributes that a job requires or forbids.
struct ConstraintFields {
  private(set) var all = Constraints()
  private var bytes = 0

  mutating func take(_ field: FieldReader.Field) throws(CodecError) {
    let bytes = field.bytes
    let headBytes = MemoryLayout<rm_constraint>.size
    guard bytes.count >= headBytes else {
      throw .malformed(field: "require", expected: "at least \(headBytes) bytes", actual: "\(bytes.count)")
    }
    let head = bytes.loadUnaligned(as: rm_constraint.self)
    let name = UInt32(head.rule) == RM_CONSTRAINT_FORBID ? "forbid" : "require"
    let end = headBytes + Int(head.attribute_bytes)
    guard end <= bytes.count else {
      throw .malformed(field: name, expected: "an attribute of \(head.attribute_bytes) bytes", actual: "fewer")
    }
    let attribute = try field.part(headBytes..<end).label(name, limit: Limits.metadataBytes)
    let value = try field.part(end..<bytes.count).label(name, limit: Limits.metadataBytes)
    self.bytes += MemoryLayout<rm_field>.size + bytes.count
    guard self.bytes <= Limits.constraintsBytes else {
      throw .malformed(field: name, expected: "at most \(Limits.constraintsBytes) bytes of values", actual: "more")
    }
    switch UInt32(head.rule) {
    case RM_CONSTRAINT_REQUIRE: all.require.add(value, of: attribute)
    case RM_CONSTRAINT_FORBID: all.forbid.add(value, of: attribute)
    default: throw .malformed(field: "require", expected: "required or forbidden", actual: "rule \(head.rule)")
    }
  }
}

extension FieldReader.Field {
  /// What a job says for its workers alone.
  func specification() throws(CodecError) -> Specification {
    guard bytes.count <= Limits.specificationBytes else {
      throw .malformed(
        field: "specification", expected: "at most \(Limits.specificationBytes) bytes", actual: "\(bytes.count)")
    }
    var reader = FieldReader(bytes)
    var fields = Specification.Fields()
    var seen: UInt32 = 0
    while let field = try reader.next() {
      let bit: UInt32 = field.tag < 32 ? 1 << field.tag : 0
      let repeats = [RM_SPECIFICATION_ARGUMENT, RM_SPECIFICATION_VARIABLE, RM_SPECIFICATION_CREDENTIAL].contains(
        field.tag)
      guard repeats || seen & bit == 0 else {
        throw .malformed(field: "specification", expected: "each field once", actual: "field \(field.tag) again")
      }
      seen |= bit
      try field.take(into: &fields)
    }
    let specification = Specification(fields)
    if let fault = specification.fault {
      throw .malformed(field: fault.field, expected: fault.expected, actual: fault.actual)
    }
    return specification
  }

  private func take(into fields: inout Specification.Fields) throws(CodecError) {
    let limit = Limits.specificationBytes
    switch tag {
    case RM_SPECIFICATION_ARGUMENT: fields.command.append(try text("command", limit: limit))
    case RM_SPECIFICATION_SCRIPT: fields.script = try text("script", limit: limit)
    case RM_SPECIFICATION_VARIABLE:
      let text = try text("environment", limit: limit)
      guard let sign = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        throw .malformed(field: "environment", expected: "NAME=value", actual: "no '='")
      }
      // By bytes: a sign that combines with the one before it would be cut off with that.
      let name = String(Substring(text.utf8[..<sign]))
      let value = String(Substring(text.utf8[text.utf8.index(after: sign)...]))
      fields.environment.append(Specification.Variable(name: name, value: value))
    case RM_SPECIFICATION_WORKING_DIRECTORY: fields.workingDirectory = try text("working_directory", limit: limit)
    case RM_SPECIFICATION_USER: fields.user = try text("user", limit: limit)
    case RM_SPECIFICATION_STOP_TIMEOUT_MS: fields.stopTimeoutMs = try value("stop_timeout_ms", as: Int64.self)
    case RM_SPECIFICATION_STOP_SIGNAL: fields.stopSignal = try text("stop_signal", limit: limit)
    case RM_SPECIFICATION_WHEN_CUT_OFF:
      fields.whenCutOff = try known("when_cut_off", try value("when_cut_off", as: UInt8.self)) as WhenCutOff
    case RM_SPECIFICATION_TASKS_MAX: fields.tasksMax = try value("tasks_max", as: Int64.self)
    case RM_SPECIFICATION_CREDENTIAL: fields.credentials.append(try text("credentials", limit: limit))
    case RM_SPECIFICATION_SANDBOX:
      fields.sandbox = try known("sandbox", try value("sandbox", as: UInt8.self)) as Sandbox
    default: throw .malformed(field: "specification", expected: "a known field", actual: "field \(tag)")
    }
  }
}

extension RecordWriter {
  mutating func append(_ constraints: Constraints) {
    append(constraints.require, RM_CONSTRAINT_REQUIRE)
    append(constraints.forbid, RM_CONSTRAINT_FORBID)
  }

  private mutating func append(_ values: AttributeValues, _ rule: UInt32) {
    for entry in values.all {
      for value in entry.values {
        let head = rm_constraint(rule: UInt8(rule), attribute_bytes: UInt8(clamping: entry.attribute.utf8.count))
        let bytes = withUnsafeBytes(of: head) { Array($0) } + entry.attribute.utf8 + value.utf8
        bytes.withUnsafeBytes { append(RM_TAG_CONSTRAINT, $0) }
      }
    }
  }

  mutating func append(_ tag: UInt32, _ constraints: Constraints) { append(constraints) }

  mutating func append(_ specification: Specification) {
    if specification.isEmpty { return }
    let bytes = specification.recordField
    bytes.withUnsafeBytes { append(RM_TAG_SPECIFICATION, $0) }
  }

  /// Of a row: a long one is left out, since a row has to fit the smallest result ring.
  mutating func append(_ tag: UInt32, _ specification: Specification) {
    if specification.recordBytes <= Self.rowSpecificationBytes { append(specification) }
  }

  public static var rowSpecificationBytes: Int { 2048 }
}

extension Specification {
  /// The fields inside a SPECIFICATION field.
  fileprivate var recordField: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(recordBytes)
    func append(_ field: UInt32, _ content: some Collection<UInt8>) {
      let head = rm_field(tag: UInt16(field), length: UInt16(clamping: content.count))
      withUnsafeBytes(of: head) { bytes += $0 }
      bytes += content
    }
    func append(_ field: UInt32, _ text: String?) {
      if let text { append(field, text.utf8) }
    }
    let fields = fields
    for argument in fields.command { append(RM_SPECIFICATION_ARGUMENT, argument.utf8) }
    append(RM_SPECIFICATION_SCRIPT, fields.script)
    for variable in fields.environment {
      append(RM_SPECIFICATION_VARIABLE, Array(variable.name.utf8) + [UInt8(ascii: "=")] + variable.value.utf8)
    }
    append(RM_SPECIFICATION_WORKING_DIRECTORY, fields.workingDirectory)
    append(RM_SPECIFICATION_USER, fields.user)
    if let timeoutMs = fields.stopTimeoutMs {
      withUnsafeBytes(of: timeoutMs) { append(RM_SPECIFICATION_STOP_TIMEOUT_MS, $0) }
    }
    append(RM_SPECIFICATION_STOP_SIGNAL, fields.stopSignal)
    if let whenCutOff = fields.whenCutOff { append(RM_SPECIFICATION_WHEN_CUT_OFF, [whenCutOff.rawValue]) }
    if let tasksMax = fields.tasksMax { withUnsafeBytes(of: tasksMax) { append(RM_SPECIFICATION_TASKS_MAX, $0) } }
    for name in fields.credentials { append(RM_SPECIFICATION_CREDENTIAL, name.utf8) }
    if let sandbox = fields.sandbox { append(RM_SPECIFICATION_SANDBOX, [sandbox.rawValue]) }
    return bytes
  }
}
