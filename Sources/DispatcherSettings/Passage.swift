/// A place in the dispatch thread's work at which what a crash leaves behind differs.
public enum Passage: Sendable, Hashable {
  /// The next record of a result that may be told is about to be put in a client's ring.
  case publishingResult
  /// The last record of a result is in the ring, and its client has not been woken.
  case publishedResult
}
