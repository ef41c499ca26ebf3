/// How an event names an entity: by handle, as producers that know it do, or by name, as people and scripts do.
public enum Reference<Entity>: Hashable, Sendable {
  case handle(Handle<Entity>)
  case name(String)
}

public typealias WorkerReference = Reference<WorkerEntity>
public typealias JobReference = Reference<JobEntity>
public typealias TaskReference = Reference<TaskEntity>

extension Reference: ExpressibleByStringLiteral, ExpressibleByUnicodeScalarLiteral,
  ExpressibleByExtendedGraphemeClusterLiteral
{
  public init(stringLiteral value: String) {
    self = .name(value)
  }
}

extension Reference: CustomStringConvertible {
  public var description: String {
    switch self {
    case .handle(let handle): handle.description
    case .name(let name): name
    }
  }
}

extension Reference {
  /// A name, or `#` and a handle.
  var shown: String {
    switch self {
    case .handle(let handle): "#\(handle)"
    case .name(let name): name
    }
  }

  /// With a name in the place of a handle for which there is one.
  func named(_ name: (Handle<Entity>) -> String?) -> Reference {
    guard case .handle(let handle) = self, let name = name(handle) else { return self }
    return .name(name)
  }
}

/// A worker, job or task, named in one of the two ways.
public enum EntityReference: Hashable, Sendable {
  case worker(WorkerReference)
  case job(JobReference)
  case task(TaskReference)
}

/// A task's name in parts: `JOB/task-INDEX`.
public struct TaskName: Hashable, Sendable, CustomStringConvertible {
  public let job: String
  public let index: Int

  public init(job: String, index: Int) {
    self.job = job
    self.index = index
  }

  /// Parses `JOB/task-INDEX`; nil when `text` is not of that form. A job's name may itself contain slashes.
  public init?(_ text: String) {
    let utf8 = text.utf8
    guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")), slash != utf8.startIndex else { return nil }
    let tail = utf8[utf8.index(after: slash)...]
    let prefix = "task-".utf8
    guard tail.starts(with: prefix) else { return nil }
    let digits = tail.dropFirst(prefix.count)
    guard !digits.isEmpty, digits.count <= 9, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    guard digits.count == 1 || digits.first != 0x30 else { return nil }
    self.job = String(text[..<slash])
    self.index = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  public var description: String {
    "\(job)/task-\(index)"
  }
}
