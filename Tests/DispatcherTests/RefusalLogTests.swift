import Testing

@testable import ControlPlane
@testable import Dispatcher

@Suite("What is said of those that are refused")
struct RefusalLogTests {
  private static let secondNs: UInt64 = 1_000_000_000

  /// What `#expect` can hold.
  private final class Book {
    private var log = RefusalLog()

    func note(pid: Int32, uid: UInt32, reason: String, nowNs: UInt64) -> Bool {
      log.note(pid: pid, uid: uid, reason: reason, nowNs: nowNs)
    }

    func takeUntold(nowNs: UInt64) -> [RefusalLog.Remainder] {
      log.takeUntold(nowNs: nowNs)
    }
  }

  @Test func aProcessIsNamedOnceAndThenCounted() {
    let log = Book()
    #expect(log.note(pid: 1, uid: 7, reason: "a", nowNs: 0))
    for _ in 0..<99 { #expect(!log.note(pid: 1, uid: 7, reason: "b", nowNs: 0)) }
    #expect(log.takeUntold(nowNs: Self.secondNs - 1).isEmpty)
    #expect(
      log.takeUntold(nowNs: Self.secondNs) == [RefusalLog.Remainder(uid: 7, count: 99, newestReason: "b")])
    #expect(log.takeUntold(nowNs: 100 * Self.secondNs).isEmpty)
    #expect(log.note(pid: 1, uid: 7, reason: "c", nowNs: 101 * Self.secondNs), "it is forgotten after a while")
  }

  @Test func manyProcessesOfAUserAreAFewLinesAndANumber() {
    let log = Book()
    var lines = 0
    var counted = 0
    // A thousand a second, for ten seconds.
    for number in 0..<10_000 {
      let nowNs = UInt64(number) * Self.secondNs / 1000
      if log.note(pid: Int32(number + 1), uid: 7, reason: "a", nowNs: nowNs) { lines += 1 }
      let remainders = log.takeUntold(nowNs: nowNs)
      lines += remainders.count
      counted += remainders.map(\.count).reduce(0, +)
    }
    #expect((40...60).contains(lines))
    let told = lines + counted + log.takeUntold(nowNs: .max).map(\.count).reduce(0, +)
    #expect(told >= 10_000)
  }

  @Test func oneUserDoesNotSilenceAnother() {
    let log = Book()
    for pid in 1...Int32(100) { _ = log.note(pid: pid, uid: 7, reason: "a", nowNs: 0) }
    #expect(log.note(pid: 500, uid: 8, reason: "b", nowNs: 0))
  }

  @Test func usersBeyondCountAreCountedTogether() {
    let log = Book()
    for uid in 0..<UInt32(1000) {
      for _ in 0..<2 { _ = log.note(pid: Int32(uid) + 1, uid: uid, reason: "a", nowNs: 0) }
    }
    let remainders = log.takeUntold(nowNs: Self.secondNs)
    #expect(remainders.count <= 65)
    #expect(remainders.last?.uid == nil)
  }
}
