/// The keys of what log entries tell beside their text: metadata in swift-log, a field each in the systemd journal.
///
/// Any other key may be used as well; these are the ones that documentation and catalog speak of.
public enum LogField: String, CaseIterable, Sendable {
  /// What an operator did.
  case action
  /// Why, in words.
  case cause
  /// How many.
  case count
  /// The SQLite database of an archive.
  case database
  /// How many entries.
  case dropped
  /// The kind of event, `WORKER_FAILED`.
  case event
  case file
  case folder
  /// The value that a setting has all the same.
  case inForce = "in_force"
  case job
  case line
  /// The id of an event, `PEER:POSITION`.
  case origin
  /// The number that `ringctl status` has.
  case peer
  /// Of the process at the other end of a socket; so is `uid`.
  case pid
  /// Why, as one of a few names.
  case reason
  /// `TABLE.KEY`.
  case setting
  case task
  /// The number of a transaction.
  case txn
  case uid
  case worker
  case zone
}
