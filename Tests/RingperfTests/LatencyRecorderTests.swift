import Testing

@testable import ringperf

@Suite struct LatencyRecorderTests {
  private func recorder(_ latenciesNs: some Sequence<UInt64>) -> LatencyRecorder {
    var recorder = LatencyRecorder()
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
    #expect(abs(recorder.percentile(100) / Double(LatencyRecorder.longestNs) - 1) < 0.002)
  }

  @Test func mergingAddsTheCounts() {
    var all = recorder([100, 200])
    all.add(recorder([300]))
    #expect(all.count == 3)
    #expect(all.percentile(100) >= 300)
  }

  @Test func roundsKeepTheirOwnPercentilesAndTheWhole() {
    var rounds = LatencyRounds()
    rounds.add(recorder(Array(repeating: 100, count: 1000)))
    rounds.add(recorder(Array(repeating: 300, count: 1000)))
    #expect(rounds.p50 == [100, 300])
    #expect(rounds.merged.count == 2000)
  }

  @Test func theDistributionIsInTheFormatOfTheField() {
    let lines = recorder(1...1000).percentileDistribution.split(separator: "\n")
    #expect(lines.first?.split(separator: " ") == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"])
    #expect(lines.contains { $0.hasPrefix("#[Max") && $0.hasSuffix("1000]") })
  }

  @Test func theFirstRoundTripIsLeftOut() {
    let clock = TickClock(ticksPerNs: 2)
    let ticks: [UInt64] = [1_000_000, 200, 200]
    let recorder = ticks.withUnsafeBufferPointer { LatencyRecorder(ticks: $0, clock: clock) }
    #expect(recorder.count == 2)
    #expect(recorder.percentile(100) == 100)
  }
}
