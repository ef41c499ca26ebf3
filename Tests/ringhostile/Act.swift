/// What a hostile peer does.
enum Act: String, CaseIterable {
  // To its rings.
  case truncate
  case truncateResults = "truncate-results"
  case jumpAhead = "jump-ahead"
  case jumpBack = "jump-back"
  case jumpSequence = "jump-sequence"
  case garbageKind = "garbage-kind"
  case garbageLength = "garbage-length"
  // To what all peers share.
  case spoilBoard = "spoil-board"
  case truncateBoard = "truncate-board"
  case blockBells = "block-bells"
  // On the control socket.
  case talk
  case bringDescriptor = "bring-descriptor"
  case greetShort = "greet-short"
  case greetLong = "greet-long"
  case greetWrongMagic = "greet-wrong-magic"
  case greetWrongABI = "greet-wrong-abi"
  /// Connections that say nothing.
  case silent
  /// Connections that come and go as fast as can be, each with garbage.
  case churn
  /// Peers that do nothing but be there.
  case crowd
}
