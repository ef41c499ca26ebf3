import CRingmaster
import EventModel

/// Which fields and flags an event of each kind may have.
enum EventFieldSet {
  /// 0 for tags that no event has.
  static func bit(of tag: UInt32) -> UInt32 { tag < 32 ? 1 << tag : 0 }

  /// Fields that may come more than once.
  static var repeatable: UInt32 {
    bit(of: RM_TAG_ATTRIBUTE_KEY) | bit(of: RM_TAG_ATTRIBUTE_VALUE) | bit(of: RM_TAG_REPORTED_TASK)
      | bit(of: RM_TAG_REPORTED_NAME)
  }

  static func fields(of kind: EventKind) -> UInt32 {
    let subject = bit(of: RM_TAG_SUBJECT_NAME)
    let error = bit(of: RM_TAG_ERROR)
    let reason = bit(of: RM_TAG_REASON)
    let zone = bit(of: RM_TAG_ZONE)
    switch kind {
    case .workerRegistered:
      return subject | bit(of: RM_TAG_ADDRESS) | bit(of: RM_TAG_INCARNATION) | bit(of: RM_TAG_ATTRIBUTE_KEY)
        | bit(of: RM_TAG_ATTRIBUTE_VALUE)
    case .workerHeartbeat, .schedulingDeadlinePassed: return subject
    case .workerHeartbeatFailed, .workerFailed, .taskStateChanged: return subject | error
    case .workerReconciled: return subject | bit(of: RM_TAG_REPORTED_TASK) | bit(of: RM_TAG_REPORTED_NAME)
    case .jobSubmitted:
      return subject | reason | bit(of: RM_TAG_JOB_NUMBERS) | bit(of: RM_TAG_PARENT_NAME) | bit(of: RM_TAG_OWNER)
    case .jobCancelled, .taskPreempted: return subject | reason
    case .taskAssigned: return subject | bit(of: RM_TAG_OBJECT_NAME)
    case .endpointRegistered: return subject | bit(of: RM_TAG_ENDPOINT)
    case .tick, .prune, .controllerStalled, .clockCorrected: return 0
    case .brakeEngaged, .brakeReleased: return zone
    case .brakeOverridden: return zone | reason
    }
  }

  /// What errors call the entity that the record is about.
  static func subject(of kind: EventKind) -> String {
    switch kind {
    case .workerRegistered, .workerHeartbeat, .workerHeartbeatFailed, .workerFailed, .workerReconciled: "worker_id"
    case .jobSubmitted, .jobCancelled: "job_id"
    case .taskAssigned, .taskStateChanged, .taskPreempted, .endpointRegistered, .schedulingDeadlinePassed: "task_id"
    case .tick, .prune, .controllerStalled, .brakeEngaged, .brakeReleased, .brakeOverridden, .clockCorrected: "name"
    }
  }

  static func flags(of kind: EventKind) -> UInt32 {
    switch kind {
    case .workerFailed: RM_FLAG_WANTS_RESULT | RM_FLAG_TIMED_OUT
    case .jobSubmitted: RM_FLAG_WANTS_RESULT | RM_FLAG_COSCHEDULED | RM_FLAG_HAS_DEADLINE
    case .taskStateChanged: RM_FLAG_WANTS_RESULT | RM_FLAG_HAS_EXIT_CODE
    case .workerRegistered, .workerHeartbeat, .workerHeartbeatFailed, .workerReconciled, .jobCancelled, .taskAssigned,
      .taskPreempted, .endpointRegistered, .tick, .prune, .schedulingDeadlinePassed, .controllerStalled,
      .brakeEngaged, .brakeReleased, .brakeOverridden, .clockCorrected:
      RM_FLAG_WANTS_RESULT
    }
  }
}
