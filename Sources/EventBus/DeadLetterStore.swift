import EventModel

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

  /// The most letters that one peer has here, and the most bytes that those of one with several letters take.
  public var largestShare: (letters: Int, bytes: Int) {
    shares.values.reduce((0, 0)) { (max($0.0, $1.letters), $1.letters > 1 ? max($0.1, $1.bytes) : $0.1) }
  }

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

  /// - Parameter recordBytes: of the record that it came as.
  /// - Returns: the letter as it is kept, under a number of its own.
  @discardableResult
  public mutating func keep(
    _ letter: DeadLetter, from sender: DeadLetterSender, recordBytes: Int, timestampMs: Int64
  ) -> KeptDeadLetter {
    let kept = KeptDeadLetter(
      number: lastNumber + 1, timestampMs: timestampMs, sender: sender, letter: letter, recordBytes: recordBytes)
    keep(kept)
    return kept
  }

  /// Keeps a letter that has its number already. One whose number is not above all before is no new one.
  mutating func keep(_ kept: KeptDeadLetter) {
    guard kept.number > lastNumber else { return }
    let peer = kept.letter.origin.peer
    while isFull(peer, charge: kept.bytes) { dropOldest(of: peer) }
    while !letters.isEmpty, letters.count >= limits.letters || bytes + kept.bytes > limits.bytes { dropOldest() }
    lastNumber = kept.number
    letters[lastNumber] = kept
    bytes += kept.bytes
    queue.append(lastNumber)
    shares[peer, default: Share()].add(lastNumber, bytes: kept.bytes)
    clearQueues(of: peer)
    assert(letters.count <= limits.letters && shares[peer].map { $0.letters <= limits.lettersPerPeer } ?? false)
    assert(bytes <= limits.bytes || letters.count == 1, "more than one letter keeps to the limit of bytes")
  }

  /// Gives no number up to this one any more.
  public mutating func skipNumbers(upTo number: UInt64) {
    lastNumber = max(lastNumber, number)
  }

  /// All of them, the oldest first.
  public var all: [KeptDeadLetter] {
    letters.values.sorted { $0.number < $1.number }
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
    shares[kept.letter.origin.peer]?.bytes += growth
    bytes += growth
    if growth > 0 { limit(to: limits) }
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
    assert(bytes >= 0 && (bytes == 0) == letters.isEmpty, "bytes are those of the letters")
    assert(shares[peer].map { $0.letters > 0 && $0.bytes > 0 } ?? true, "a share is of letters that are kept")
    // Else whoever reads the letters in order would pass over those that have gone again and again.
    if queue.isMostlyGone(kept: letters.count) { clearQueue() }
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

  private mutating func clearQueue() {
    let letters = letters
    queue.clear { letters[$0] != nil }
  }

  private mutating func clearQueues(of peer: UInt32) {
    if queue.isMostlyGone(kept: letters.count) { clearQueue() }
    let letters = letters
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
