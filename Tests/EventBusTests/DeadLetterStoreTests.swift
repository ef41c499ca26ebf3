import EventBus
import EventModel
import SeededRandom
import Testing

@Suite struct DeadLetterStoreTests {
  private static let sender = DeadLetterSender(name: "p", role: 1)

  private static func letter(peer: UInt32, position: UInt64 = 0) -> DeadLetter {
    DeadLetter(event: nil, origin: EventID(peer: peer, position: position), reason: .malformed, detail: "d")
  }

  private static func numbers(_ store: DeadLetterStore) -> [UInt64] {
    var numbers: [UInt64] = []
    while let letter = store.next(from: (numbers.last ?? 0) + 1) { numbers.append(letter.number) }
    return numbers
  }

  private static func store(letters: Int, perPeer: Int, bytes: Int = .max / 2, bytesPerPeer: Int = .max / 2)
    -> DeadLetterStore
  {
    var limits = DeadLetterLimits()
    (limits.letters, limits.lettersPerPeer) = (letters, perPeer)
    (limits.bytes, limits.bytesPerPeer) = (bytes, bytesPerPeer)
    return DeadLetterStore(limits: limits)
  }

  @Test func aLetterIsKeptUnderANumberUntilItIsRemoved() throws {
    var store = DeadLetterStore()
    let number = store.keep(Self.letter(peer: 3), from: Self.sender, recordBytes: 56, timestampMs: 42).number
    #expect(number == 1)
    let kept = try #require(store[number])
    #expect(kept.letter == Self.letter(peer: 3) && kept.sender == Self.sender && kept.timestampMs == 42)
    #expect(kept.retries == 0 && store.bytes > 0)
    store.retryFailed(number, reason: .unknownEntity, detail: "still not")
    #expect(store[number]?.letter.reason == .unknownEntity && store[number]?.letter.detail == "still not")
    #expect(store[number]?.retries == 1)
    let bytes = store.bytes
    store.retryFailed(number, reason: .unknownEntity, detail: String(repeating: "x", count: 1000))
    #expect(store.bytes == bytes + 1000 - "still not".utf8.count)
    #expect(store.remove(number)?.number == number)
    #expect(store.remove(number) == nil && store[number] == nil && store.next(from: 0) == nil)
    #expect(store.count == 0 && store.bytes == 0 && store.overflowed == 0)
    #expect(store.keep(Self.letter(peer: 3), from: Self.sender, recordBytes: 56, timestampMs: 43).number == 2)
  }

  /// A middleware can say as much as it wants of why it failed again.
  @Test func aRetryThatFailsMakesNoMoreOfALetterThanMayBe() {
    var store = DeadLetterStore()
    for _ in 1...3 { store.keep(Self.letter(peer: 3), from: Self.sender, recordBytes: 56, timestampMs: 0) }
    for number in UInt64(1)...3 {
      store.retryFailed(
        number, reason: .handlerError, detail: String(repeating: "x", count: store.limits.bytesPerPeer / 2))
    }
    #expect(store.count < 3 && store.bytes <= store.limits.bytesPerPeer)
  }

  @Test func theOldestGoesFirstAndIsCounted() {
    var store = Self.store(letters: 3, perPeer: 3)
    for peer in UInt32(1)...5 {
      store.keep(Self.letter(peer: peer), from: Self.sender, recordBytes: 0, timestampMs: 0)
    }
    #expect(Self.numbers(store) == [3, 4, 5] && store.overflowed == 2)
    store.remove(4)
    store.keep(Self.letter(peer: 9), from: Self.sender, recordBytes: 0, timestampMs: 0)
    #expect(Self.numbers(store) == [3, 5, 6] && store.overflowed == 2)
  }

  @Test func lowerLimitsLetTheOldestGo() {
    var store = Self.store(letters: 100, perPeer: 10)
    for number in 0..<12 {
      store.keep(Self.letter(peer: UInt32(number % 3)), from: Self.sender, recordBytes: 0, timestampMs: 0)
    }
    var limits = store.limits
    limits.lettersPerPeer = 2
    store.limit(to: limits)
    #expect(Self.numbers(store) == Array(7...12) && store.overflowed == 6)
    limits.letters = 4
    store.limit(to: limits)
    #expect(Self.numbers(store) == Array(9...12) && store.overflowed == 8)
    limits.bytesPerPeer = store.bytes / 4
    store.limit(to: limits)
    #expect(Self.numbers(store) == [10, 11, 12])
    limits.bytes = 1
    store.limit(to: limits)
    #expect(store.count == 0 && store.bytes == 0)
    limits = DeadLetterLimits()
    store.limit(to: limits)
    #expect(store.keep(Self.letter(peer: 1), from: Self.sender, recordBytes: 0, timestampMs: 0).number == 13)
    #expect(Self.numbers(store) == [13])
  }

  @Test func aPeerThatSendsOnlyRubbishPushesOutItsOwnLetters() {
    var store = Self.store(letters: 100, perPeer: 10)
    for peer in UInt32(1)...5 {
      store.keep(Self.letter(peer: peer), from: Self.sender, recordBytes: 0, timestampMs: 0)
    }
    for position in 0..<UInt64(100_000) {
      store.keep(Self.letter(peer: 66, position: position), from: Self.sender, recordBytes: 28_672, timestampMs: 0)
    }
    #expect(Self.numbers(store).prefix(5) == [1, 2, 3, 4, 5])
    #expect(store.count == 15 && store.overflowed == 100_000 - 10)
  }

  @Test func bytesAreBoundedForAPeerAndInAll() {
    var store = Self.store(letters: 1000, perPeer: 1000, bytes: 1 << 20, bytesPerPeer: 1 << 18)
    for position in 0..<UInt64(200) {
      store.keep(Self.letter(peer: 1, position: position), from: Self.sender, recordBytes: 28_672, timestampMs: 0)
      #expect(store.bytes <= 1 << 18)
    }
    for peer in UInt32(2)...100 {
      store.keep(Self.letter(peer: peer), from: Self.sender, recordBytes: 28_672, timestampMs: 0)
      #expect(store.bytes <= 1 << 20)
    }
    #expect(store.count == 9 || store.count == 8, "\(store.count)")
  }

  /// Beside a plain list that does the same.
  @Test func randomUseKeepsTheBooks() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    var store = Self.store(letters: 50, perPeer: 12)
    var model: [(number: UInt64, peer: UInt32)] = []
    var lost: UInt64 = 0
    for step in 0..<20_000 {
      if random.below(4) > 0 {
        let peer = UInt32(random.below(9))
        let number = store.keep(Self.letter(peer: peer), from: Self.sender, recordBytes: 0, timestampMs: 0).number
        if model.count(where: { $0.peer == peer }) == 12, let own = model.firstIndex(where: { $0.peer == peer }) {
          model.remove(at: own)
          lost += 1
        }
        if model.count == 50 {
          model.removeFirst()
          lost += 1
        }
        model.append((number, peer))
      } else if !model.isEmpty {
        let gone = model.remove(at: random.below(model.count))
        #expect(store.remove(gone.number)?.letter.origin.peer == gone.peer, "seed \(seed), step \(step)")
      }
      guard step % 50 == 0 else { continue }
      #expect(Self.numbers(store) == model.map(\.number), "seed \(seed), step \(step)")
      #expect(store.overflowed == lost && store.count == model.count, "seed \(seed), step \(step)")
    }
  }
}
