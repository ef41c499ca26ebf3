import ArgumentParser

/// A fault that the torture commits itself, to show that it would be found.
enum Sabotage: String, CaseIterable, ExpressibleByArgument {
  /// A client does not note one of its results.
  case droppedResult = "dropped-result"
  /// A client publishes one event twice.
  case repeatedEvent = "repeated-event"
  /// The newer half of a killed dispatcher's journal is wiped out before the next one starts.
  case lostCommits = "lost-commits"
}
