import EventModel
import SeededRandom
import Testing

@testable import Journal

extension SourceLedger {
  fileprivate mutating func note(_ source: EventSource, uid: UInt32, transaction: UInt64) {
    note(source, uid: uid, .init(sequence: source.sequence, kind: 1, transaction: transaction, isAccepted: true))
  }
}

extension SourceLedger.Standing {
  fileprivate var transaction: UInt64? { if case .handled(let said) = self { said.transaction } else { nil } }
}

@Suite struct SourceLedgerTests {
  private static let window = UInt64(Limits.sourceWindow)

  /// Whatever the order within the window, each is new once, and known with its transaction from then on.
  @Test(arguments: 0..<20 as Range<UInt64>) func eachIsNewOnce(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var ledger = SourceLedger()
    var handled: [UInt64: UInt64] = [:]
    var newest: UInt64 = 0
    for transaction in 1...2000 as ClosedRange<UInt64> {
      let lowest = newest > Self.window + 8 ? newest - Self.window - 8 : 1
      let sequence = lowest + UInt64(random.below(Int(Self.window) + 16))
      let source = EventSource(name: "s", incarnation: 7, sequence: sequence)
      let standing = ledger.standing(of: source, uid: 1)
      if sequence + Self.window <= newest {
        #expect(standing == .tooOld(newest: newest))
      } else if let known = handled[sequence] {
        #expect(standing.transaction == known)
      } else {
        #expect(standing == .new)
        ledger.note(source, uid: 1, transaction: transaction)
        handled[sequence] = transaction
        newest = max(newest, sequence)
      }
    }
  }

  @Test func aUsersSourceIsNotAnothers() {
    var ledger = SourceLedger()
    let source = EventSource(name: "s", sequence: 1)
    ledger.note(source, uid: 1, transaction: 9)
    #expect(ledger.standing(of: source, uid: 1).transaction == 9)
    #expect(ledger.standing(of: source, uid: 2) == .new)
  }

  @Test func numbersAtTheirEndsAreNumbers() {
    var ledger = SourceLedger()
    for sequence in [.max, 1, .max - 1] as [UInt64] {
      let source = EventSource(name: "s", incarnation: .max, sequence: sequence)
      ledger.note(source, uid: .max, transaction: .max)
      #expect(ledger.standing(of: source, uid: .max) != .new)
    }
  }

  @Test func thoseThatAreSilentTheLongestGo() {
    var ledger = SourceLedger()
    func source(_ number: Int) -> EventSource { EventSource(name: "\(number)", sequence: 1) }
    for number in 0..<SourceLedger.limit { ledger.note(source(number), uid: 1, transaction: 1) }
    ledger.note(EventSource(name: "0", sequence: 2), uid: 1, transaction: 2)
    ledger.note(source(SourceLedger.limit), uid: 1, transaction: 3)
    #expect(ledger.lives.count < SourceLedger.limit)
    for known in [0, SourceLedger.limit - 1, SourceLedger.limit] {
      #expect(ledger.standing(of: source(known), uid: 1) != .new)
    }
    #expect(ledger.standing(of: source(1), uid: 1) == .new)
  }

  @Test func aUserWhoHasManyPushesOutNoneOfOthers() {
    var ledger = SourceLedger()
    let others = EventSource(name: "nightly", sequence: 1)
    let own = EventSource(name: "kept", sequence: 1)
    ledger.note(others, uid: 1, transaction: 1)
    ledger.note(own, uid: 2, transaction: 2)
    for number in 0...SourceLedger.limit {
      ledger.note(EventSource(name: "~\(number)", sequence: 1), uid: 2, transaction: 3)
    }
    #expect(ledger.lives.count < SourceLedger.limit)
    #expect(ledger.standing(of: others, uid: 1) != .new)
    #expect(ledger.standing(of: own, uid: 2) != .new)
  }
}
