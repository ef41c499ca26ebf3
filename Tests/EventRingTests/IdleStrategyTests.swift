import EventRing
import Testing

@Suite struct IdleStrategyTests {
  private func turnsBeforeParking(_ strategy: inout IdleStrategy) -> Int {
    for turn in 0..<10_000 {
      if case .park = strategy.idle() { return turn }
    }
    return .max
  }

  @Test(arguments: [(0, 0), (3, 0), (0, 2), (3, 2), (200, 20)])
  func itSpinsThenYieldsThenParks(spins: Int, yields: Int) {
    var strategy = IdleStrategy(spins: spins, yields: yields)
    #expect(turnsBeforeParking(&strategy) == spins + yields)
    for _ in 0..<5 { #expect(turnsBeforeParking(&strategy) == 0) }
    strategy.reset()
    #expect(turnsBeforeParking(&strategy) == spins + yields)
  }

  @Test func workInBetweenStartsItOver() {
    var strategy = IdleStrategy(spins: 2, yields: 1)
    for _ in 0..<50 {
      for _ in 0..<3 {
        if case .park = strategy.idle() { Issue.record("it parks too soon") }
      }
      strategy.reset()
    }
  }

  @Test func whoSharesTheProcessorYieldsAndParksAsLate() {
    var strategy = IdleStrategy(spins: 3, yields: 2)
    for _ in 0..<5 {
      guard case .yielded = strategy.idle(sharesProcessor: true) else {
        Issue.record("it spins")
        return
      }
    }
    guard case .park = strategy.idle(sharesProcessor: true) else {
      Issue.record("it does not park")
      return
    }
  }

  @Test func theDefaultParksInTheEnd() {
    var strategy = IdleStrategy()
    #expect(turnsBeforeParking(&strategy) == strategy.spins + strategy.yields)
  }

  @Test func onlyParkEverParks() {
    for waiting in WaitingStrategy.allCases {
      var strategy = IdleStrategy(waiting)
      #expect((turnsBeforeParking(&strategy) < .max) == (waiting == .park), "\(waiting)")
    }
  }
}
