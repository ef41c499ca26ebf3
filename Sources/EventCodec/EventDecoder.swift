import CRingmaster
import EventModel

/// Reads an event from the copy of a record. Every field is checked; what is wrong is named.
public enum EventDecoder {
  /// - Parameters:
  ///   - head: copied out of the ring.
  ///   - text: the copied continuation payloads, at least `head.text_bytes` of them.
  ///   - isNew: it comes from a peer, and keeps to rules that what a journal keeps may be older than.
  public static func decode(
    _ head: rm_event_head, text: UnsafeRawBufferPointer, isNew: Bool = false
  ) throws(CodecError) -> Event.Body {
    if head.text_bytes == 0, let body = decodeBare(head) { return body }
    guard let kind = EventKind(rawValue: head.kind) else { throw .unknownKind(head.kind) }
    guard Int(head.text_bytes) <= text.count else {
      throw .malformed(
        field: "text_bytes", expected: "at most \(text.count) in \(head.slots) slots", actual: "\(head.text_bytes)")
    }
    guard UInt32(head.flags) & ~kind.flags == 0 else {
      throw .malformed(field: "flags", expected: "only flags of \(kind.name)", actual: "\(head.flags)")
    }
    let used = UnsafeRawBufferPointer(rebasing: text[..<Int(head.text_bytes)])
    let fields = try EventFields(FieldReader(used, isNew: isNew), of: kind)
    try fields.check(belongTo: kind)
    return try Event.Body(kind, head, fields)
  }

  /// Which event of its source a record is that `decode` accepts; nil when it does not say.
  public static func source(_ head: rm_event_head, text: UnsafeRawBufferPointer) throws(CodecError) -> EventSource? {
    guard head.text_bytes > 0, Int(head.text_bytes) <= text.count else { return nil }
    var reader = FieldReader(UnsafeRawBufferPointer(rebasing: text[..<Int(head.text_bytes)]))
    var found: EventSource?
    while let field = try reader.next() {
      guard field.tag == RM_TAG_SOURCE else { continue }
      let (numbers, name) = try field.prefix("source", as: rm_source.self, name: Limits.nameBytes)
      let source = EventSource(name: name, incarnation: numbers.incarnation, sequence: numbers.sequence)
      guard source.isWellFormed, found == nil else {
        throw .malformed(
          field: "source",
          expected: "one, with an incarnation of 0 or more and a sequence of 1 or more, up to "
            + "\(Limits.sourceNumber.upperBound)", actual: found.map { "\($0) and \(source)" } ?? "\(source)")
      }
      found = source
    }
    return found
  }

  /// The events that come by the thousand and name entities only by handle; nil for all others.
  private static func decodeBare(_ head: rm_event_head) -> Event.Body? {
    // What no handle is has generation 0, and is refused by name.
    guard TaskHandle(rawValue: head.subject).generation > 0 else { return nil }
    let flags = UInt32(head.flags) & ~RM_FLAG_WANTS_RESULT
    switch UInt32(head.kind) {
    case RM_EVENT_WORKER_HEARTBEAT where flags == 0:
      return .workerHeartbeat(.handle(WorkerHandle(rawValue: head.subject)))
    case RM_EVENT_TASK_ASSIGNED where flags == 0:
      guard WorkerHandle(rawValue: head.object).generation > 0 else { return nil }
      return .taskAssigned(
        .handle(TaskHandle(rawValue: head.subject)), worker: .handle(WorkerHandle(rawValue: head.object)))
    case RM_EVENT_TASK_STATE_CHANGED where flags & ~RM_FLAG_HAS_EXIT_CODE == 0:
      guard let state = TaskState(rawValue: head.state),
        head.end_reason == 0 || EndReason(rawValue: head.end_reason) != nil,
        head.value == 0 || Limits.usage.contains(head.value), head.extra == 0 || Limits.usage.contains(head.extra)
      else { return nil }
      return .taskStateChanged(
        TaskReport(
          task: .handle(TaskHandle(rawValue: head.subject)), attempt: head.attempt, state: state,
          exitCode: head.has(RM_FLAG_HAS_EXIT_CODE) ? head.exit_code : nil,
          endReason: EndReason(rawValue: head.end_reason),
          cpuMs: head.value == 0 ? nil : head.value, peakMemoryBytes: head.extra == 0 ? nil : head.extra))
    default: return nil
    }
  }
}

extension rm_event_head {
  func has(_ flag: UInt32) -> Bool { UInt32(flags) & flag != 0 }
}
