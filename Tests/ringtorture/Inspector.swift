import EventCodec
import EventModel
import Platform
import RingmasterClient

/// The torture's own peer, at the end of a round.
struct Inspector: ~Copyable {
  private var attachment: Attachment?

  private static let answerLimitNs: UInt64 = 10_000_000_000
  private static let pageRows = 1024
  private static let triesAtMost = 100

  init(socket: String) throws {
    attachment = .some(
      try Attachment.attach(
        path: socket, options: AttachOptions(role: .control, name: "inspector", resultCapacity: 1 << 16)))
  }

  var peer: UInt32 {
    switch attachment {
    case .some(let attachment): attachment.peer
    case .none: 0
    }
  }

  /// Makes a transaction that changes nothing.
  ///
  /// - Returns: its number.
  mutating func lastTransaction() throws -> UInt64 {
    let event = Event.workerHeartbeatFailed(.name("nobody"), error: nil)
    guard try attachment!.submission.publish(event, wantsResult: true) != nil else {
      throw TortureError("there is no room for one event")
    }
    var number: UInt64?
    try read { message in
      if case .result(let result) = message { number = result.transaction?.number }
      return number != nil
    }
    return number ?? 0
  }

  /// All workers, jobs and tasks, as `StateLines`, and the newest transaction then.
  ///
  /// Gangs are tried again now and then, so nothing but the numbers tells that nothing changed meanwhile.
  mutating func state() throws -> (lines: [String], transaction: UInt64) {
    for _ in 0..<Self.triesAtMost {
      let before = try lastTransaction()
      let lines = try lines()
      let after = try lastTransaction()
      if after == before + 1 { return (lines, after) }
    }
    throw TortureError("the state does not come to rest")
  }

  mutating func lines() throws -> [String] {
    var rows: [Row] = []
    for entity in [QueryEntity.workers, .jobs, .tasks] {
      var cursor: UInt64? = 0
      while let from = cursor {
        guard let request = attachment!.submission.query(entity, cursor: from, limit: Self.pageRows) else {
          throw TortureError("there is no room for one query")
        }
        try read { message in
          switch message {
          case .row(let number, let row) where number == request: rows.append(row)
          case .queryDone(let number, let next) where number == request:
            cursor = next
            return true
          default: break
          }
          return false
        }
      }
    }
    return StateLines.of(rows)
  }

  mutating func leave() {
    attachment = nil
  }

  /// Reads messages until `body` says that it was the last.
  private mutating func read(_ body: (ResultMessage) -> Bool) throws {
    attachment!.submission.flush()
    let deadlineNs = Clock.monotonicNs() + Self.answerLimitNs
    while Clock.monotonicNs() < deadlineNs {
      while let message = try attachment!.results.next() {
        if body(message) { return }
      }
      _ = Poll.readable(attachment!.results.descriptor, timeoutUs: 200)
    }
    throw TortureError("the dispatcher gives no answer")
  }
}
