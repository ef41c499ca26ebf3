import CRingmaster
import CTestSystem
import EventCodec
import EventModel
import Platform
import RawPeers
import RingmasterClient

/// Records that say what they should not.
extension HostilePeer {
  /// Sends `count` events that its role may not send, and waits for the refusal of each.
  ///
  /// - Returns: how many were refused. An event that came to anything else ends it.
  func sendForbidden() throws -> Outcome {
    var attachment = try attach()
    let events = forbidden
    var (published, refused) = (0, 0)
    var reason = ""
    let deadlineNs = deadlineNs
    while refused < count, Clock.monotonicNs() < deadlineNs {
      while published < count,
        let _ = try attachment.submission.publish(
          events[published % events.count], wantsResult: true)
      { published += 1 }
      attachment.submission.flush()
      while let message = try attachment.results.next() {
        switch message {
        case .refused(_, .forbidden, let detail): (refused, reason) = (refused + 1, detail)
        default: return Outcome(answer: ControlAnswer(.attached, reason: "\(message)"), times: refused)
        }
      }
      wait(&attachment)
    }
    return Outcome(answer: ControlAnswer(.refused, reason: reason), peer: attachment.peer, times: refused)
  }

  /// What no peer of this role may send; each names something that is told apart from others'.
  private var forbidden: [Event] {
    let clock: [Event] = [
      .workerTimedOut(.name("forbidden-w"), lastHeartbeatMs: 0, timeoutMs: 1, timestampMs: 1), .tick(nowMs: 1),
      .controllerStalled(stalledMs: 1 << 40, timestampMs: 1),
      .brakeReleased(ZoneCensus(zone: "forbidden", silentWorkers: 1, workers: 1), timestampMs: 1),
    ]
    let control: [Event] = [
      .jobSubmitted("forbidden", request: JobRequest()), .jobCancelled(.name("forbidden"), reason: "forbidden"),
      .prune(nowMs: 1), .brakeOverridden(zone: "forbidden"),
    ]
    let ingest: [Event] = [
      .workerRegistered(
        "forbidden-w", address: "a", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000), attributes: [])),
      .workerFailed(.name("forbidden-w")), .workerHeartbeatFailed(.name("forbidden-w")),
    ]
    switch role {
    case RM_ROLE_OBSERVE: return clock + control + ingest
    case RM_ROLE_INGEST: return clock + control
    default: return clock
    }
  }

  /// Sends `count` queries, and only then reads.
  ///
  /// - Returns: how many were answered.
  func sendQueries() throws -> Outcome {
    var attachment = try attach()
    for _ in 0..<count {
      guard attachment.submission.query(.counters, cursor: 0, limit: 64) != nil else { throw ClientError.ringFull }
    }
    attachment.submission.flush()
    var answered = 0
    let deadlineNs = deadlineNs
    while answered < count, Clock.monotonicNs() < deadlineNs {
      while let message = try attachment.results.next() {
        if case .queryDone = message { answered += 1 }
      }
      wait(&attachment)
      if case .lost(let reason) = attachment.tend() {
        return Outcome(answer: ControlAnswer(.closed, reason: reason), peer: attachment.peer, times: answered)
      }
    }
    return Outcome(answer: .nothing, peer: attachment.peer, times: answered)
  }

  private func attach() throws -> Attachment {
    guard let role = Role(rawValue: role) else { preconditionFailure("every role of the ABI is one of the client's") }
    return try Attachment.attach(path: path, options: AttachOptions(role: role, name: "hostile"))
  }

  private func wait(_ attachment: inout Attachment) {
    guard attachment.results.park() else { return }
    _ = Poll.readable(attachment.results.descriptor, timeoutUs: Int64(Self.pauseMs) * 1000)
    attachment.results.unpark()
  }

  /// Tries every way to write to the dispatcher's status page.
  func writeStatus() throws -> Outcome {
    let peer = try RawPeer(path: path, request)
    let ways = ["map", "write", "cut short", "open again", "write again"]
    let reached = test_write_shared(peer.statusDescriptor.raw, Int(RM_STATUS_SIZE))
    guard reached == 0 else { throw SystemError("be kept from the status page: \(ways[Int(reached) - 1])", code: 0) }
    return Outcome(answer: .nothing, peer: peer.peer, times: ways.count)
  }
}
