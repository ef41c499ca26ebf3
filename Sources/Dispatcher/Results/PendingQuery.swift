import Controller
import EventModel

/// A page of rows that a client waits for.
struct PendingQuery {
  /// Of one client; what it asks beyond them waits in its ring.
  static let limitPerPeer = 64
  static let maximumRows = 1024

  let request: UInt64
  /// nil confirms a subscription.
  let entity: UInt8?
  var cursor: UInt64
  var rowsLeft: Int
  /// The journal's record that has to be durable before it is answered; 0 when none has to.
  var record: UInt64 = 0
  /// Of tasks: only those of this job.
  var job: JobReference?
  /// What is to be explained, until the search has begun.
  var target: EntityReference?
  /// An explanation that is still being looked for.
  var search: ExplanationSearch?
  /// The rows of an answer that is read from no table.
  var preparedRows: [Row]?
}

/// What a peer is still to be told of a record that is in no journal and made no transaction.
struct PendingRefusal {
  let id: EventID
  let reason: DeadLetterReason
  let detail: String
  /// Of the journal: it is told once that is durable.
  let record: UInt64
}
