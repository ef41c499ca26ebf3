import Testing

@testable import ringperf

@Suite struct LatencyRecorderTests {
  private func recorder(_ latenciesNs: some Sequence<UInt64>) -> LatencyHistogram {
    var recorder = LatencyHistogram()
    for ns in latenciesNs { recorder.record(ns: ns) }
    return recorder
  }

  @Test func percentilesAreExactToThreeDigits() {
    let recorder = recorder(1...10_000)
    #expect(abs(recorder.percentile(50) - 5000) <= 5)
    #expect(abs(recorder.percentile(99) - 9900) <= 10)
    #expect(abs(recorder.percentile(99.9) - 9990) <= 10)
  }

  @Test func aLatencyBeyondTheLongestIsKeptAsTheLongest() {
    let recorder = recorder([.max])
    #expect(recorder.count == 1)
    #expect(abs(recorder.percentile(100) / Double(LatencyHistogram.longestNs) - 1) < 0.002)
  }

  @Test func mergingAddsTheCounts() {
    var all = recorder([100, 200])
    all.add(recorder([300]))
    #expect(all.count == 3)
    #expect(all.percentile(100) >= 300)
  }

  @Test func roundsKeepTheirOwnPercentilesAndTheWhole() {
    var rounds = LatencyRounds()
    for ns: UInt64 in [100, 300] {
      var round = LatencyRecorder()
      for _ in 0..<1000 { round.record(ns: ns) }
      rounds.add(round)
    }
    #expect(rounds.all.p50 == [100, 300])
    #expect(rounds.all.merged.count == 2000)
    #expect(rounds.calm == nil)
  }

  @Test func interruptedSamplesAreLeftOutOfTheCalmOnes() throws {
    var round = LatencyRecorder()
    for _ in 0..<75 { round.record(ns: 100, isInterrupted: false) }
    for _ in 0..<25 { round.record(ns: 50_000, isInterrupted: true) }
    var rounds = LatencyRounds()
    rounds.add(round)
    #expect(rounds.all.p99[0] >= 50_000)
    #expect(try #require(rounds.calm).p999 == [100])
    #expect(rounds.interruptedShare == [0.25])
  }

  @Test func theDistributionIsInTheFormatOfTheField() {
    let lines = recorder(1...1000).percentileDistribution.split(separator: "\n")
    #expect(lines.first?.split(separator: " ") == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"])
    #expect(lines.contains { $0.hasPrefix("#[Max") && $0.hasSuffix("1000]") })
  }

  @Test func theFirstRoundTripIsLeftOut() {
    let stamps: [UInt64] = [0, 1_000_000, 1_000_200, 1_000_400]
    let recorder = stamps.withUnsafeBufferPointer {
      LatencyRecorder(stamps: $0, interruptions: [], clock: TickClock(ticksPerNs: 2))
    }
    #expect(recorder.all.count == 2)
    #expect(recorder.percentile(100) == 100)
  }

  private static let interruptions: [(falling: [(UInt64, UInt64)], calm: UInt64)] = [
    ([], 4), ([(22, 24)], 3), ([(0, 9)], 4), ([(18, 22)], 2), ([(25, 45)], 1), ([(30, 30)], 4),
    ([(21, 45), (22, 23)], 1), ([(48, 49), (21, 22)], 2), ([(0, 60)], 0),
  ]

  /// Samples from 10 to 20, 20 to 30 and so on; the first is left out.
  @Test(arguments: Self.interruptions)
  func aSampleThatAnInterruptionFellIntoIsInterrupted(_ interruptions: [(UInt64, UInt64)], _ calm: UInt64) {
    let stamps: [UInt64] = [0, 10, 20, 30, 40, 50]
    let recorder = stamps.withUnsafeBufferPointer {
      LatencyRecorder(
        stamps: $0, interruptions: interruptions.map { Interruption(start: $0.0, end: $0.1) },
        clock: TickClock(ticksPerNs: 1))
    }
    #expect(recorder.all.count == 4)
    #expect(recorder.calm?.count == calm)
  }

  @Test func aWatchNotesWhatIsLongerThanItsThreshold() {
    let found = Interruption.noted { room in
      var watch = InterruptionWatch(room, threshold: 100, now: 1000)
      for now: UInt64 in [1050, 1150, 1400, 1450] { watch.look(now) }
      #expect(watch.hasSeen(after: 1399) && !watch.hasSeen(after: 1400))
      return watch.count
    }
    #expect(found.map(\.start) == [1150])
    #expect(found.map(\.end) == [1400])
  }
}
