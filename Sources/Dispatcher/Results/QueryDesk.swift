/// What the dispatch thread does for readers in one turn, however many they are, counted in looks: at a slot of a table, at
/// an action or at a worker.
struct ReadBudget {
  static let looksPerTurn = 4096
  /// Of one reader, before the next has its turn.
  static let looksPerSlice = 512
  /// What a row costs beside the looks that found it: to make, to encode and to write. A hundred rows take a fifth of a
  /// millisecond.
  static let looksPerRow = 32
  /// What beginning an explanation costs.
  static let looksPerSearch = 128

  /// The lane that is served first in the next turn.
  var nextLane = 0
  /// Rows written in all.
  var rows: UInt64 = 0
}
