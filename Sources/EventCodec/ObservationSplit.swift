import EventModel

/// Which observations the head of a result names, and which have records of their own: the head has room for the names of
/// so many observers that merely succeeded, and all others follow.
struct ObservationSplit {
  /// Of names as long as may be, beside the longest event.
  static let namedInHead = 16

  private let observations: [Observation]
  /// From here on all have records of their own.
  private let end: Int
  let ownRecords: Int

  init(_ observations: [Observation]) {
    self.observations = observations
    var named = 0
    var end = observations.endIndex
    for index in observations.indices where observations[index].isPlain {
      if named == Self.namedInHead {
        end = index
        break
      }
      named += 1
    }
    self.end = end
    ownRecords = observations.count - named
  }

  func isNamed(_ index: Int) -> Bool {
    index < end && observations[index].isPlain
  }

  /// The observation that a record is of; the records are in the observations' order.
  func index(ofRecord record: Int) -> Int {
    var left = record
    for index in observations.indices where !isNamed(index) {
      if left == 0 { return index }
      left -= 1
    }
    preconditionFailure("\(ownRecords) observations have records of their own, not \(record + 1)")
  }
}

extension Observation {
  fileprivate var isPlain: Bool {
    if case .succeeded = outcome { true } else { false }
  }
}
