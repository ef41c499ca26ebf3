import Controller
import EventCodec
import EventModel

/// A page of rows that a client waits for.
struct PendingQuery {
  let request: UInt64
  /// nil confirms a subscription.
  let entity: UInt8?
  var cursor: UInt64
  var rowsLeft: Int
  /// What is to be explained, until the search has begun.
  var target: EntityReference?
  /// An explanation that is still being looked for.
  var search: ExplanationSearch?
  /// The rows of an answer that is read from no table.
  var preparedRows: [Row]?
}
