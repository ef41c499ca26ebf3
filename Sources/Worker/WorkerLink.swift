import EventCodec
import EventModel
import RingmasterClient

/// A worker's end of its rings.
package protocol WorkerLink: AnyObject {
  /// Part of the ids of its events.
  var peer: UInt32 { get }
  var cluster: String { get }
  /// The dispatcher is not there.
  var isAway: Bool { get }
  /// - Returns: nil when the ring is full, here and below.
  func publish(_ event: Event, wantsResult: Bool) throws -> EventID?
  func publishHeartbeat(_ worker: WorkerHandle) -> Bool
  func query(_ entity: QueryEntity, about: EntityReference, cursor: UInt64, limit: Int) throws -> UInt64?
  /// - Returns: nil when there is nothing.
  func next() throws -> ResultMessage?
  /// What was published is seen.
  func flush()
}

final class AttachedLink: WorkerLink {
  var attachment: Attachment

  init(_ attachment: consuming Attachment) {
    self.attachment = attachment
  }

  var peer: UInt32 { attachment.peer }
  var cluster: String { attachment.cluster }
  var isAway: Bool { attachment.link.isAway }

  func publish(_ event: Event, wantsResult: Bool) throws -> EventID? {
    try attachment.submission.publish(event, wantsResult: wantsResult)
  }

  func publishHeartbeat(_ worker: WorkerHandle) -> Bool {
    attachment.submission.publishHeartbeat(worker, timestampNs: 0)
  }

  func query(_ entity: QueryEntity, about: EntityReference, cursor: UInt64, limit: Int) throws -> UInt64? {
    try attachment.submission.query(entity, about: about, cursor: cursor, limit: limit)
  }

  func next() throws -> ResultMessage? { try attachment.results.next() }

  func flush() { attachment.submission.flush() }
}
