/// What a job says for its workers alone: what runs, and how it is stopped. Kept once a job and handed on, never looked at.
///
/// A reference to what never changes: a copy costs no more than its count, and most jobs of tests have none.
@dynamicMemberLookup
public struct Specification: Hashable, Sendable {
  public struct Fields: Hashable, Sendable {
    /// The program and its arguments; empty for none.
    public var command: [String] = []
    /// Instead of a command.
    public var script: String?
    public var environment: [Variable] = []
    public var workingDirectory: String?
    public var user: String?
    /// From its stop signal to its kill.
    public var stopTimeoutMs: Int64?
    public var stopSignal: String?
    public var whenCutOff: WhenCutOff?
    /// Processes and threads.
    public var tasksMax: Int64?
    /// Names of secrets; never their values.
    public var credentials: [String] = []
    public var sandbox: Sandbox?

    public init() {}
  }

  public struct Variable: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  private final class Storage: Sendable {
    let fields: Fields

    init(_ fields: Fields) {
      self.fields = fields
    }
  }

  private var storage: Storage?

  public init() {}

  public init(_ fields: Fields) {
    self.fields = fields
  }

  public var fields: Fields {
    get { storage?.fields ?? Fields() }
    set { storage = newValue == Fields() ? nil : Storage(newValue) }
  }

  public var isEmpty: Bool { storage == nil }

  /// Does it say what runs?
  public var hasProgram: Bool { !fields.command.isEmpty || fields.script != nil }

  public subscript<Value>(dynamicMember path: WritableKeyPath<Fields, Value>) -> Value {
    get { fields[keyPath: path] }
    set {
      var fields = fields
      fields[keyPath: path] = newValue
      self.fields = fields
    }
  }

  public static func == (left: Specification, right: Specification) -> Bool {
    left.storage === right.storage || left.fields == right.fields
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(fields)
  }

  /// As `Limits.specificationBytes` counts it: the bytes of all texts and numbers, and 4 more for each.
  public var recordBytes: Int {
    guard let fields = storage?.fields else { return 0 }
    var bytes = fields.command.reduce(0) { $0 + Self.recordBytes($1.utf8.count) }
    bytes += fields.environment.reduce(0) { $0 + Self.recordBytes($1.name.utf8.count + 1 + $1.value.utf8.count) }
    for text in [fields.script, fields.workingDirectory, fields.user, fields.stopSignal] {
      if let text { bytes += Self.recordBytes(text.utf8.count) }
    }
    if fields.stopTimeoutMs != nil { bytes += Self.recordBytes(MemoryLayout<Int64>.size) }
    if fields.whenCutOff != nil { bytes += Self.recordBytes(MemoryLayout<UInt8>.size) }
    if fields.tasksMax != nil { bytes += Self.recordBytes(MemoryLayout<Int64>.size) }
    if fields.sandbox != nil { bytes += Self.recordBytes(MemoryLayout<UInt8>.size) }
    bytes += fields.credentials.reduce(0) { $0 + Self.recordBytes($1.utf8.count) }
    return bytes
  }

  private static func recordBytes(_ bytes: Int) -> Int { bytes + 4 }

  /// What keeps it from being handed on.
  public struct Fault: Hashable, Sendable {
    public let field: String
    public let expected: String
    public let actual: String
  }

  /// Nil when it is well formed.
  public var fault: Fault? {
    guard let fields = storage?.fields else { return nil }
    if !fields.command.isEmpty, fields.script != nil {
      return Fault(field: "script", expected: "a command or a script", actual: "both")
    }
    if fields.command.first?.isEmpty == true {
      return Fault(field: "command", expected: "a program first", actual: "an empty text")
    }
    if let name = fields.credentials.first(where: { !Self.isFileName($0) }) {
      return Fault(field: "credentials", expected: "names without '/' and ':'", actual: "'\(name)'")
    }
    if let tasksMax = fields.tasksMax, !Limits.tasksMax.contains(tasksMax) {
      return Fault(
        field: "tasks_max", expected: "\(Limits.tasksMax.lowerBound) to \(Limits.tasksMax.upperBound)",
        actual: "\(tasksMax)")
    }
    let texts =
      fields.command + fields.credentials
      + [fields.script, fields.workingDirectory, fields.user, fields.stopSignal].compactMap { $0 }
    if texts.contains(where: Self.hasNul) || fields.environment.contains(where: { Self.hasNul($0.name + $0.value) }) {
      return Fault(field: "command", expected: "texts without the character NUL", actual: "one with it")
    }
    var names: Set<ByteText> = []
    for variable in fields.environment {
      guard !variable.name.isEmpty, !variable.name.utf8.contains(UInt8(ascii: "=")) else {
        return Fault(field: "environment", expected: "names without '='", actual: "'\(variable.name)'")
      }
      guard names.insert(ByteText(variable.name)).inserted else {
        return Fault(field: "environment", expected: "each name once", actual: "'\(variable.name)' again")
      }
    }
    if let timeoutMs = fields.stopTimeoutMs, !Limits.timeMs.contains(timeoutMs) {
      return Fault(
        field: "stop_timeout_ms", expected: "\(Limits.timeMs.lowerBound) to \(Limits.timeMs.upperBound)",
        actual: "\(timeoutMs)")
    }
    let bytes = recordBytes
    guard bytes <= Limits.specificationBytes else {
      return Fault(
        field: "specification",
        expected: "at most \(Limits.specificationBytes) bytes of command, environment and so on",
        actual: "\(bytes)")
    }
    return nil
  }

  private static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && !name.utf8.contains(UInt8(ascii: "/")) && name != "." && name != ".."
      && !name.utf8.contains(UInt8(ascii: ":"))
  }

  private static func hasNul(_ text: String) -> Bool { text.utf8.contains(0) }
}
