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
  /// Takes down whatever hand others raise.
  case lowerHands = "lower-hands"
  case blockBells = "block-bells"
  /// Takes what is rung on every doorbell it has.
  case readBells = "read-bells"
  /// Says that the dispatcher sleeps, or does not.
  case writeStatus = "write-status"
  // On the control socket.
  case talk
  case bringDescriptor = "bring-descriptor"
  case greetShort = "greet-short"
  case greetLong = "greet-long"
  case greetWrongMagic = "greet-wrong-magic"
  case greetWrongABI = "greet-wrong-abi"
  /// Requests with the least and the greatest value of each field.
  case greetExtremes = "greet-extremes"
  /// Comes back after the dispatcher ended, with the greatest numbers of transactions and epochs.
  case resumeExtremes = "resume-extremes"
  /// Connections that say nothing.
  case silent
  /// Connections that come and go as fast as can be, each with garbage.
  case churn
  // With what its user may have.
  /// Peers that do nothing but be there, until no more are let in.
  case crowd
  /// The same, with the largest rings.
  case largeRings = "large-rings"
  /// One peer after the other, each of which leaves at once, until no more are let in.
  case comeAndGo = "come-and-go"
  /// Events that its role may not send.
  case forbidden
  /// More queries than a peer may have waiting, before it reads the first answer.
  case queries
}
