import Controller
import EventModel
import SeededRandom
import Testing

/// What is said of a zone is true of one moment, whatever happens between two slices.
@Suite struct CensusTests {
  private static func censuses(_ transactions: [Transaction]) -> [ZoneCensus] {
    transactions.compactMap { transaction in
      switch transaction.event.body {
      case .brakeEngaged(let census), .brakeReleased(let census): census
      default: nil
      }
    }
  }

  /// As when a hall loses its network and what is left is reported failed by somebody else.
  @Test func workersThatAreLostMeanwhileLeaveTheCount() throws {
    let fleet = JudgedFleet()
    fleet.register(150_000, atMs: 1000)
    fleet.register(50_000, prefix: "other", atMs: 9000)
    let transactions = fleet.judge(asOfMs: 12_000, slots: 1024) { slice in
      guard slice < 100 else { return }
      // Silent ones that were counted, and others that were or will be.
      for index in (slice * 900)..<(slice * 900 + 900) {
        _ = fleet.state.handle(.workerFailed(.name("w\(index)")))
        if index < 50_000 { _ = fleet.state.handle(.workerFailed(.name("other\(index)"))) }
      }
    }
    #expect(transactions.map(\.outcome) == [.applied])
    #expect(Self.censuses(transactions) == [ZoneCensus(zone: "", silentWorkers: 60_000, workers: 60_000)])
    #expect(fleet.state.brakes.first?.workers == 60_000)
  }

  /// Workers of a few zones come, go and move in the middle of judgements.
  @Test(arguments: UInt64(1)...20)
  func noCensusCountsMoreSilentWorkersThanThereAre(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let fleet = JudgedFleet()
    let zones = ["", "a", "b", "c"]
    for index in 0..<120 {
      fleet.register(1, zone: zones.randomElement(using: &random), prefix: "w\(index)-", atMs: 1000)
    }
    var nowMs: Int64 = 5000
    var seen = 0
    for _ in 0..<40 {
      nowMs += Int64.random(in: 500...4000, using: &random)
      let transactions = fleet.judge(asOfMs: nowMs, slots: 9) { _ in
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
          let index = Int.random(in: 0..<120, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: _ = fleet.state.handle(.workerFailed(.name("w\(index)-0")))
          case 1: fleet.hear(1, prefix: "w\(index)-", atMs: nowMs)
          default:
            // Of an old time, so that it may be silent from the beginning.
            fleet.register(
              1, zone: zones.randomElement(using: &random), prefix: "w\(index)-",
              atMs: nowMs - Int64.random(in: 0...15_000, using: &random))
          }
        }
      }
      for transaction in transactions where transaction.event.kind != .workerFailed {
        #expect(transaction.outcome == .applied, "seed \(seed): \(transaction.event)")
      }
      for census in Self.censuses(transactions) {
        seen += 1
        #expect(census.silentWorkers >= 0 && census.silentWorkers <= census.workers, "seed \(seed): \(census)")
      }
      let violations = fleet.state.checkInvariants()
      #expect(violations.isEmpty, "seed \(seed): \(violations)")
    }
    #expect(seen > 0)
  }

  /// In a slot that the count has passed already: it is judged the next time.
  @Test func whoComesInTheMiddleIsNotLostByAJudgementThatDidNotCountIt() {
    let fleet = JudgedFleet()
    fleet.register(20, atMs: 1000)
    fleet.hear(20, atMs: 11_000)
    _ = fleet.state.handle(.workerFailed("w0"))
    let first = fleet.judge(asOfMs: 12_000, slots: 5) { slice in
      if slice == 1 { fleet.register(1, zone: "old", prefix: "late", atMs: 1000) }
    }
    #expect(first.isEmpty && fleet.state.worker(named: "late0") != nil)
    #expect(fleet.judge(asOfMs: 12_050).map(\.subject?.description) == ["late0"])
  }
}
