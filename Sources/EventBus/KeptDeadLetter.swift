import EventModel

/// Who sent what became a dead letter: known when it came, and kept, since the peer may be gone when somebody looks.
public struct DeadLetterSender: Hashable, Sendable {
  /// Empty for the dispatcher itself.
  public let name: String
  /// The wire value of its role; 0 for the dispatcher itself.
  public let role: UInt32

  public init(name: String, role: UInt32) {
    self.name = name
    self.role = role
  }
}

/// A dead letter in the store.
public struct KeptDeadLetter: Hashable, Sendable {
  /// What a letter takes beside its event.
  private static let bytesPerLetter = 512

  /// Counts the letters, from 1: no number is given twice.
  public let number: UInt64
  public let timestampMs: Int64
  public let sender: DeadLetterSender
  /// As it is after the last retry.
  public internal(set) var letter: DeadLetter
  /// Of the record that it came as.
  public let recordBytes: Int
  /// Times it was retried in vain.
  public internal(set) var retries: UInt32

  public init(
    number: UInt64, timestampMs: Int64, sender: DeadLetterSender, letter: DeadLetter, recordBytes: Int,
    retries: UInt32 = 0
  ) {
    self.number = number
    self.timestampMs = timestampMs
    self.sender = sender
    self.letter = letter
    self.recordBytes = recordBytes
    self.retries = retries
  }

  /// The letter as it is where there is no room for what it is about.
  public var withoutEvent: KeptDeadLetter {
    var short = self
    short.letter = DeadLetter(event: nil, origin: letter.origin, reason: letter.reason, detail: letter.detail)
    return short
  }

  /// What it counts against the limits: four times its record, which is more than that takes when it is decoded, beside what
  /// its detail takes.
  var bytes: Int {
    Self.bytesPerLetter + 4 * recordBytes + letter.detail.utf8.count
  }
}

/// What becomes of a dead letter: one is kept, or somebody does something about it.
public enum DeadLetterChange: Hashable, Sendable {
  case kept(KeptDeadLetter)
  /// Its event failed again, for this reason.
  case retriedInVain(UInt64, DeadLetterReason, detail: String)
  /// Its event was handled, or an operator dropped it.
  case removed(UInt64)
}

extension DeadLetterStore {
  /// Does as a change says: so that a store is brought back by what was told of another.
  public mutating func apply(_ change: DeadLetterChange) {
    switch change {
    case .kept(let letter): keep(letter)
    case .retriedInVain(let number, let reason, let detail): retryFailed(number, reason: reason, detail: detail)
    case .removed(let number): remove(number)
    }
  }
}
