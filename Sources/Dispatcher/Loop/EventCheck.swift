import EventModel
import Journal

/// Looks whether an event that came from no record could stand in the journal. Used by the dispatch thread alone.
final class EventCheck: @unchecked Sendable {
  private var check = RecordCheck()

  /// What is wrong with it; nil when nothing is.
  func problem(with event: Event) -> String? {
    check.problem(with: event)
  }
}
