import EventModel

extension Event {
  /// Appends the event's JSON, without what an archive has beside it: its type, its time where that is `timeMs`, and its
  /// subject where that is named by its handle.
  public func writeArchived(to bytes: inout [UInt8], subject: Subject?, timeMs: Int64) {
    var members = ArchivedMembers(subject: subject)
    swap(&members.bytes, &bytes)
    members.bytes.append(UInt8(ascii: "{"))
    body.append(to: &members)
    if let source { members.append("source", source.json) }
    if timestampMs != timeMs { members.append(kind.timeMember, timestampMs.map(JSONValue.integer) ?? .null) }
    members.bytes.append(UInt8(ascii: "}"))
    swap(&members.bytes, &bytes)
  }
}

/// Writes members as they come.
private struct ArchivedMembers: JSONMembers {
  var bytes: [UInt8] = []
  private let subjectMember: String
  private let subject: UInt64
  private var isFirst = true

  init(subject: Subject?) {
    self.subject = subject?.rawHandle ?? 0
    subjectMember =
      switch subject {
      case .worker: "worker_id"
      case .job: "job_id"
      case .task: "task_id"
      case nil: ""
      }
  }

  private mutating func begin(_ name: String) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    bytes.append(UInt8(ascii: "\""))
    bytes += name.utf8
    bytes += "\":".utf8
  }

  mutating func append(_ name: String, _ value: JSONValue?) {
    guard let value else { return }
    begin(name)
    value.write(to: &bytes)
  }

  mutating func append(_ name: String, _ text: String?) {
    guard let text else { return }
    begin(name)
    JSONValue.write(text, to: &bytes)
  }

  mutating func append<Entity>(_ name: String, _ reference: Reference<Entity>?) {
    guard case .handle(let handle) = reference else { return append(name, reference?.jsonText) }
    guard handle.isNone || handle.rawValue != subject || name != subjectMember else { return }
    begin(name)
    bytes += "\"#".utf8
    bytes.append(decimal: UInt64(handle.index))
    bytes.append(UInt8(ascii: "."))
    bytes.append(decimal: UInt64(handle.generation))
    bytes.append(UInt8(ascii: "\""))
  }
}

extension EventKind {
  /// What an event's JSON calls its time.
  public var timeMember: String {
    switch self {
    case .tick, .prune: "now_ms"
    default: "timestamp_ms"
    }
  }
}

extension [UInt8] {
  /// Appends a number's decimal digits.
  public mutating func append(decimal number: UInt64) {
    let start = count
    var rest = number
    repeat {
      append(UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0"))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }
}
