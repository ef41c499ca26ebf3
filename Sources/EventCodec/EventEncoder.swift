import CRingmaster
import EventModel

extension RecordWriter {
  /// Writes an event as a record.
  ///
  /// - Parameters:
  ///   - wantsResult: the peer's result ring is to carry the result.
  ///   - timestampNs: CLOCK_BOOTTIME of its reception; 0 leaves the stamp to the dispatcher.
  /// - Returns: whole payloads, valid until the next record.
  public mutating func encode(
    _ event: Event, wantsResult: Bool = false, timestampNs: UInt64 = 0
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = rm_event_head()
    head.kind = event.kind.rawValue
    head.flags = wantsResult ? UInt8(RM_FLAG_WANTS_RESULT) : 0
    head.timestamp_ns = timestampNs
    write(event.body, &head)
    if let source = event.source {
      let numbers = rm_source(incarnation: source.incarnation, sequence: source.sequence)
      append(RM_TAG_SOURCE, value: numbers, name: source.name)
    }
    return try finish()
  }

  mutating func append(_ attributes: some Sequence<WorkerMetadata.Attribute>) {
    for attribute in attributes {
      append(RM_TAG_ATTRIBUTE_KEY, attribute.key)
      append(RM_TAG_ATTRIBUTE_VALUE, attribute.value)
    }
  }

  mutating func append(_ reported: [ReportedTask]) {
    for line in reported {
      switch line.task {
      case .handle(let handle):
        append(RM_TAG_REPORTED_TASK, value: rm_reported_task(task: handle.rawValue, attempt: line.attempt, reserved: 0))
      case .name(let name):
        append(RM_TAG_REPORTED_TASK, value: rm_reported_task(task: 0, attempt: line.attempt, reserved: 0))
        append(RM_TAG_REPORTED_NAME, name)
      }
    }
  }

  mutating func append(_ cause: WorkerFailureCause) {
    if case .reported(let error) = cause { append(RM_TAG_ERROR, error) }
  }
}

extension WorkerFailureCause {
  func fill(_ head: inout rm_event_head) {
    guard case .timedOut(let lastHeartbeatMs, let timeoutMs) = self else { return }
    head.flags |= UInt8(RM_FLAG_TIMED_OUT)
    head.value = lastHeartbeatMs
    head.extra = timeoutMs
  }

  init(_ head: rm_event_head, error: String?) throws(CodecError) {
    guard head.has(RM_FLAG_TIMED_OUT) else {
      self = .reported(error: error)
      return
    }
    for (field, timeMs) in [("last_heartbeat_ms", head.value), ("timeout_ms", head.extra)]
    where !Limits.timeMs.contains(timeMs) {
      throw .malformed(field: field, expected: "\(Limits.timeMs) ms", actual: "\(timeMs)")
    }
    self = .timedOut(lastHeartbeatMs: head.value, timeoutMs: head.extra)
  }
}
