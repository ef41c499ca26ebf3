import CRingmaster
import EventModel

extension RecordWriter {
  /// Writes one row of the answer to `request`.
  public mutating func encode(_ row: Row, request: UInt64) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_ROW)
    head.number = request
    head.task_index = -1
    switch row {
    case .worker(let row): encode(row, &head)
    case .job(let row): encode(row, &head)
    case .task(let row): encode(row, &head)
    case .counter(let name, let value):
      head.code = QueryEntity.counters.rawValue
      head.subject = value
      begin(head)
      append(RM_TAG_COUNTER_NAME, name)
    case .peer(let row): encode(row, &head)
    case .brake(let row): encode(row, &head)
    case .deadLetter(let row): try encode(row, &head)
    case .explanation(let row): encode(row, &head)
    case .attempt(let view): encode(view, &head)
    case .step(let step): try encode(step, &head)
    }
    return try finish()
  }

  private mutating func encode(_ row: WorkerRow, _ head: inout rm_result_head) {
    head.code = QueryEntity.workers.rawValue
    head.subject = row.handle.rawValue
    begin(head)
    append(RM_TAG_SUBJECT_NAME, row.name)
    append(RM_TAG_ADDRESS, row.address)
    let numbers = rm_worker_numbers(
      last_heartbeat_ms: row.lastHeartbeatMs, milli_cpu: row.capacity.milliCPU,
      committed_milli_cpu: row.committed.milliCPU, memory_bytes: row.capacity.memoryBytes,
      committed_memory_bytes: row.committed.memoryBytes, running_tasks: row.runningTasks,
      consecutive_failures: row.consecutiveFailures)
    append(RM_TAG_ROW_NUMBERS, value: numbers)
    append(row.capacity.devices)
    append(row.committed.devices, RM_TAG_COMMITTED_DEVICE)
  }

  private mutating func encode(_ row: JobRow, _ head: inout rm_result_head) {
    head.code = QueryEntity.jobs.rawValue
    head.subject = row.handle.rawValue
    begin(head)
    append(RM_TAG_SUBJECT_NAME, row.name)
    var numbers = rm_job_row_numbers()
    numbers.submitted_ms = row.submittedMs
    numbers.ended_ms = row.endedMs ?? -1
    numbers.milli_cpu = row.resources.milliCPU
    numbers.memory_bytes = row.resources.memoryBytes
    numbers.state = row.state.rawValue
    numbers.coscheduled = row.coscheduled ? 1 : 0
    withUnsafeMutableBytes(of: &numbers.tasks_by_state) { counts in
      row.tasksByState.withUnsafeBytes { counts.copyMemory(from: $0) }
    }
    append(RM_TAG_ROW_NUMBERS, value: numbers)
    append(RM_TAG_ERROR, row.error)
    append(RM_TAG_OWNER, row.owner)
    append(RM_TAG_PARENT_NAME, row.parent)
    append(row.resources.devices)
  }

  private mutating func encode(_ row: TaskRow, _ head: inout rm_result_head) {
    head.code = QueryEntity.tasks.rawValue
    head.subject = row.handle.rawValue
    head.object = row.worker?.handle.rawValue ?? 0
    head.task_index = Int32(row.name.index)
    begin(head)
    append(RM_TAG_SUBJECT_NAME, row.name.job)
    append(RM_TAG_WORKER_NAME, row.worker?.name)
    let numbers = rm_task_numbers(
      failures: row.failures, preemptions: row.preemptions, attempts: row.attempts, exit_code: row.exitCode ?? 0,
      state: row.state.rawValue, has_exit_code: row.exitCode == nil ? 0 : 1, reserved: (0, 0))
    append(RM_TAG_ROW_NUMBERS, value: numbers)
    append(RM_TAG_ERROR, row.error)
  }

  private mutating func encode(_ row: PeerRow, _ head: inout rm_result_head) {
    head.code = QueryEntity.peers.rawValue
    head.subject = UInt64(row.peer)
    begin(head)
    append(RM_TAG_SUBJECT_NAME, row.name)
    append(RM_TAG_ROW_NUMBERS, value: PeerNumbers(row))
  }
}

/// The numbers of a peer's row.
private struct PeerNumbers: BitwiseCopyable {
  let received: UInt64
  let full: UInt64
  let shed: UInt64
  let overruns: UInt64
  let role: UInt64

  init(_ row: PeerRow) {
    received = row.received
    full = row.full
    shed = row.shed
    overruns = row.overruns
    role = UInt64(row.role)
  }
}

extension Row {
  /// Reads a row from the copy of a record.
  init(_ head: rm_result_head, _ text: UnsafeRawBufferPointer) throws(CodecError) {
    guard let entity = QueryEntity(rawValue: head.code) else {
      throw .malformed(field: "row", expected: "a known entity", actual: "\(head.code)")
    }
    let fields = try RowFields(text)
    switch entity {
    case .workers:
      let n = try fields.numbers(as: rm_worker_numbers.self)
      self = .worker(
        WorkerRow(
          handle: WorkerHandle(rawValue: head.subject), name: fields.name, address: fields.address ?? "",
          lastHeartbeatMs: n.last_heartbeat_ms,
          capacity: Resources(milliCPU: n.milli_cpu, memoryBytes: n.memory_bytes, devices: fields.devices),
          committed: Resources(
            milliCPU: n.committed_milli_cpu, memoryBytes: n.committed_memory_bytes, devices: fields.committedDevices),
          runningTasks: n.running_tasks, consecutiveFailures: n.consecutive_failures))
    case .jobs:
      let n = try fields.numbers(as: rm_job_row_numbers.self)
      guard let state = JobState(rawValue: n.state) else {
        throw .malformed(field: "state", expected: "a job state", actual: "\(n.state)")
      }
      let counts = withUnsafeBytes(of: n.tasks_by_state) { Array($0.bindMemory(to: UInt32.self)) }
      self = .job(
        JobRow(
          handle: JobHandle(rawValue: head.subject), name: fields.name, state: state, submittedMs: n.submitted_ms,
          endedMs: n.ended_ms < 0 ? nil : n.ended_ms,
          resources: Resources(milliCPU: n.milli_cpu, memoryBytes: n.memory_bytes, devices: fields.devices),
          coscheduled: n.coscheduled != 0, tasksByState: counts, error: fields.error, owner: fields.owner,
          parent: fields.parent))
    case .tasks:
      let n = try fields.numbers(as: rm_task_numbers.self)
      guard let state = TaskState(rawValue: n.state) else {
        throw .malformed(field: "state", expected: "a task state", actual: "\(n.state)")
      }
      let worker = fields.worker.map { WorkerIdentity(handle: WorkerHandle(rawValue: head.object), name: $0) }
      self = .task(
        TaskRow(
          handle: TaskHandle(rawValue: head.subject), name: TaskName(job: fields.name, index: Int(head.task_index)),
          state: state, worker: worker, attempts: n.attempts, failures: n.failures, preemptions: n.preemptions,
          exitCode: n.has_exit_code != 0 ? n.exit_code : nil, error: fields.error))
    case .counters: self = .counter(name: fields.counter ?? "", value: head.subject)
    case .peers:
      let n = try fields.numbers(as: PeerNumbers.self)
      self = .peer(
        PeerRow(
          peer: UInt32(truncatingIfNeeded: head.subject), name: fields.name, role: UInt32(truncatingIfNeeded: n.role),
          received: n.received, full: n.full, shed: n.shed, overruns: n.overruns))
    case .brakes: self = .brake(try BrakeRow(fields))
    case .deadLetters: self = .deadLetter(try DeadLetterRow(fields))
    case .explanation: self = .explanation(try ExplanationRow(head, fields))
    case .attempts: self = .attempt(try AttemptView(head, fields))
    case .steps: self = .step(try StepRow(head, fields))
    }
  }
}

/// The fields of a row's text.
struct RowFields {
  var name = ""
  var address: String?
  var error: String?
  var owner: String?
  var parent: String?
  var worker: String?
  var counter: String?
  var zone: String?
  var devices = DeviceCounts()
  var committedDevices = DeviceCounts()
  var missing: Shortage?
  var event: UnsafeRawBufferPointer?
  var record: UnsafeRawBufferPointer?
  private var numbers: FieldReader.Field?

  init(_ text: UnsafeRawBufferPointer) throws(CodecError) {
    var reader = FieldReader(text)
    while let field = try reader.next() {
      switch field.tag {
      case RM_TAG_SUBJECT_NAME: name = try field.text("name", limit: Limits.nameBytes)
      case RM_TAG_ADDRESS: address = try field.text("address", limit: Limits.nameBytes)
      case RM_TAG_ERROR: error = try field.text("error", limit: Limits.errorBytes)
      case RM_TAG_OWNER: owner = try field.text("owner", limit: Limits.nameBytes)
      case RM_TAG_PARENT_NAME: parent = try field.text("parent", limit: Limits.nameBytes)
      case RM_TAG_WORKER_NAME: worker = try field.text("worker", limit: Limits.nameBytes)
      case RM_TAG_COUNTER_NAME: counter = try field.text("counter", limit: Limits.nameBytes)
      case RM_TAG_ZONE: zone = try field.text("zone", limit: Limits.metadataBytes)
      case RM_TAG_DEVICE: try Self.take(field, into: &devices)
      case RM_TAG_COMMITTED_DEVICE: try Self.take(field, into: &committedDevices)
      case RM_TAG_MISSING: missing = try field.shortage()
      case RM_TAG_EVENT: event = field.bytes
      case RM_TAG_RECORD: record = field.bytes
      case RM_TAG_ROW_NUMBERS: numbers = field
      default: break
      }
    }
  }

  private static func take(_ field: FieldReader.Field, into devices: inout DeviceCounts) throws(CodecError) {
    let (device, name) = try field.prefix("devices", as: rm_device.self, name: Limits.deviceBytes)
    devices[name] = device.count
  }

  func numbers<Numbers: BitwiseCopyable>(as type: Numbers.Type) throws(CodecError) -> Numbers {
    guard let numbers else { throw .malformed(field: "row", expected: "its numbers", actual: "none") }
    return try numbers.value("row", as: type)
  }
}
