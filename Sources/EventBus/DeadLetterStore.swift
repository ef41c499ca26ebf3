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
  /// Counts the letters that a store was given, from 1.
  public let number: UInt64
  public let timestampMs: Int64
  public let sender: DeadLetterSender
  /// As it is after the last retry.
  public internal(set) var letter: DeadLetter
  /// Times it was retried in vain.
  public internal(set) var retries: UInt32 = 0
  /// What it counts against the limits.
  var bytes: Int
}

/// How much a store keeps. A peer that sends nothing but rubbish pushes out its own letters, not those of others.
public struct DeadLetterLimits: Hashable, Sendable {
  public var letters = 1000
  public var bytes = 16 << 20
  public var lettersPerPeer = 250
  public var bytesPerPeer = 2 << 20

  public init() {}
}

/// The dead letters that can still be looked at and retried, the newest, bounded in number and in bytes, for each peer and
/// in all. The oldest goes first, and is counted.
///
/// A value with one owner, the dispatch thread. Keeping a letter is O(1) in the letters kept, amortised.
public struct DeadLetterStore: Sendable {
  fileprivate struct Share {
    var letters = 0
    var bytes = 0
    var numbers = NumberQueue()
  }

  /// Numbers in the order they came. Those whose letters have gone are passed over, and cleared away when they are many.
  fileprivate struct NumberQueue {
    var numbers: [UInt64] = []
    var head = 0
  }

  /// What a letter takes beside its event.
  private static let bytesPerLetter = 512

  public private(set) var limits: DeadLetterLimits
  private var letters: [UInt64: KeptDeadLetter] = [:]
  private var queue = NumberQueue()
  private var shares: [UInt32: Share] = [:]
  /// The number of the newest letter; 0 before the first.
  public private(set) var lastNumber: UInt64 = 0
  /// Of all letters kept.
  public private(set) var bytes = 0
  /// Letters that newer ones pushed out.
  public private(set) var overflowed: UInt64 = 0

  public init(limits: DeadLetterLimits = DeadLetterLimits()) {
    precondition(limits.letters > 0 && limits.lettersPerPeer > 0, "a store of dead letters keeps at least one")
    self.limits = limits
  }

  /// Goes on with other limits. What they leave no room for goes, the oldest first, and is counted.
  public mutating func limit(to limits: DeadLetterLimits) {
    precondition(limits.letters > 0 && limits.lettersPerPeer > 0, "a store of dead letters keeps at least one")
    self.limits = limits
    for peer in shares.keys.sorted() {
      while let share = shares[peer], share.letters > limits.lettersPerPeer || share.bytes > limits.bytesPerPeer {
        dropOldest(of: peer)
      }
    }
    while !letters.isEmpty, letters.count > limits.letters || bytes > limits.bytes { dropOldest() }
  }

  public var count: Int { letters.count }

  public subscript(number: UInt64) -> KeptDeadLetter? {
    letters[number]
  }

  /// The letter with the lowest number at or above `number`; nil when there is none.
  public func next(from number: UInt64) -> KeptDeadLetter? {
    var low = queue.head
    var high = queue.numbers.count
    while low < high {
      let middle = (low + high) >> 1
      if queue.numbers[middle] < number { low = middle + 1 } else { high = middle }
    }
    while low < queue.numbers.count {
      if let letter = letters[queue.numbers[low]] { return letter }
      low += 1
    }
    return nil
  }

  /// - Parameter recordBytes: of the record that it came as; it is charged with four times that, more than the record takes
  ///   when it is decoded, beside what its detail takes.
  /// - Returns: its number.
  @discardableResult
  public mutating func keep(
    _ letter: DeadLetter, from sender: DeadLetterSender, recordBytes: Int, timestampMs: Int64
  ) -> UInt64 {
    let peer = letter.origin.peer
    let charge = Self.bytesPerLetter + 4 * recordBytes + letter.detail.utf8.count
    while isFull(peer, charge: charge) { dropOldest(of: peer) }
    while !letters.isEmpty, letters.count >= limits.letters || bytes + charge > limits.bytes { dropOldest() }
    lastNumber += 1
    letters[lastNumber] = KeptDeadLetter(
      number: lastNumber, timestampMs: timestampMs, sender: sender, letter: letter, bytes: charge)
    bytes += charge
    queue.append(lastNumber)
    shares[peer, default: Share()].add(lastNumber, bytes: charge)
    clearQueues(of: peer)
    return lastNumber
  }

  private func isFull(_ peer: UInt32, charge: Int) -> Bool {
    guard let share = shares[peer] else { return false }
    return share.letters >= limits.lettersPerPeer || share.bytes + charge > limits.bytesPerPeer
  }

  /// Says what became of a retry that failed.
  public mutating func retryFailed(_ number: UInt64, reason: DeadLetterReason, detail: String) {
    guard let kept = letters[number] else { return }
    letters[number]?.letter = DeadLetter(
      event: kept.letter.event, origin: kept.letter.origin, reason: reason, detail: detail, record: kept.letter.record,
      recordBytes: kept.letter.recordBytes)
    letters[number]?.retries = kept.retries &+ 1
    let growth = detail.utf8.count - kept.letter.detail.utf8.count
    letters[number]?.bytes += growth
    shares[kept.letter.origin.peer]?.bytes += growth
    bytes += growth
  }

  /// - Returns: the letter; nil when there was none of this number.
  @discardableResult
  public mutating func remove(_ number: UInt64) -> KeptDeadLetter? {
    guard let letter = letters.removeValue(forKey: number) else { return nil }
    bytes -= letter.bytes
    let peer = letter.letter.origin.peer
    shares[peer]?.letters -= 1
    shares[peer]?.bytes -= letter.bytes
    if shares[peer]?.letters == 0 { shares[peer] = nil }
    return letter
  }

  private mutating func dropOldest() {
    while let number = queue.takeFirst() {
      guard remove(number) != nil else { continue }
      overflowed += 1
      return
    }
  }

  private mutating func dropOldest(of peer: UInt32) {
    while let number = shares[peer]?.numbers.takeFirst() {
      guard remove(number) != nil else { continue }
      overflowed += 1
      return
    }
  }

  private mutating func clearQueues(of peer: UInt32) {
    let letters = letters
    if queue.isMostlyGone(kept: letters.count) { queue.clear { letters[$0] != nil } }
    if let share = shares[peer], share.numbers.isMostlyGone(kept: share.letters) {
      shares[peer]?.numbers.clear { letters[$0] != nil }
    }
  }
}

extension DeadLetterStore.Share {
  fileprivate mutating func add(_ number: UInt64, bytes charge: Int) {
    letters += 1
    bytes += charge
    numbers.append(number)
  }
}

extension DeadLetterStore.NumberQueue {
  private static let leastToClear = 64

  fileprivate mutating func append(_ number: UInt64) {
    numbers.append(number)
  }

  fileprivate mutating func takeFirst() -> UInt64? {
    guard head < numbers.count else { return nil }
    head += 1
    return numbers[head - 1]
  }

  fileprivate func isMostlyGone(kept: Int) -> Bool {
    numbers.count >= Self.leastToClear && numbers.count > 2 * kept
  }

  fileprivate mutating func clear(keeping isKept: (UInt64) -> Bool) {
    numbers = numbers[head...].filter(isKept)
    head = 0
  }
}
