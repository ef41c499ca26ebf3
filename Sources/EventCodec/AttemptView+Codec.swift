import CRingmaster
import EventModel

// The attempts of a task as rows of its explanation.

extension RecordWriter {
  mutating func encode(_ view: AttemptView, _ head: inout rm_result_head) {
    head.code = QueryEntity.attempts.rawValue
    head.object = view.worker.handle.rawValue
    var numbers = rm_attempt_numbers()
    numbers.started_ms = view.startedMs
    numbers.ended_ms = view.endedMs ?? -1
    numbers.number = view.number
    numbers.exit_code = view.exitCode ?? 0
    numbers.state = view.state.rawValue
    numbers.has_exit_code = view.exitCode == nil ? 0 : 1
    begin(head)
    append(RM_TAG_ROW_NUMBERS, value: numbers)
    append(RM_TAG_WORKER_NAME, view.worker.name)
    append(RM_TAG_ERROR, view.error)
  }
}

extension AttemptView {
  init(_ head: rm_result_head, _ fields: RowFields) throws(CodecError) {
    let numbers = try fields.numbers(as: rm_attempt_numbers.self)
    guard let state = TaskState(rawValue: numbers.state) else {
      throw .malformed(field: "state", expected: "a task state", actual: "\(numbers.state)")
    }
    guard let worker = fields.worker(head) else {
      throw .malformed(field: "worker", expected: "a worker", actual: "none")
    }
    self.init(
      number: numbers.number, state: state, worker: worker, startedMs: numbers.started_ms,
      endedMs: numbers.ended_ms < 0 ? nil : numbers.ended_ms,
      exitCode: numbers.has_exit_code == 0 ? nil : numbers.exit_code, error: fields.error)
  }
}
