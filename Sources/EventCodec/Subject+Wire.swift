import CRingmaster
import EventModel

/// How a record names what it is about: type, handle, name, and of a task its index.
extension Subject {
  /// nil for a type that is none.
  init?(type: UInt8, handle: UInt64, name: String, taskIndex: Int32) {
    switch UInt32(type) {
    case RM_ENTITY_WORKER: self = .worker(WorkerHandle(rawValue: handle), name: name)
    case RM_ENTITY_JOB: self = .job(JobHandle(rawValue: handle), name: name)
    case RM_ENTITY_TASK: self = .task(TaskHandle(rawValue: handle), job: name, index: taskIndex)
    default: return nil
    }
  }

  var wireType: UInt8 {
    switch self {
    case .worker: UInt8(RM_ENTITY_WORKER)
    case .job: UInt8(RM_ENTITY_JOB)
    case .task: UInt8(RM_ENTITY_TASK)
    }
  }

  /// Of a task, its job's.
  var wireName: String {
    switch self {
    case .worker(_, let name), .job(_, let name), .task(_, let name, _): name
    }
  }

  var wireTaskIndex: Int32 {
    if case .task(_, _, let index) = self { index } else { -1 }
  }
}
