import EventJSON
import Testing

@testable import ringperf

@Suite struct GoalTests {
  @Test func aGoalIsMetOnItsBound() {
    #expect(Goal("a", .atLeast(4), 4).isMet == true)
    #expect(Goal("a", .atLeast(4), 3.99).isMet == false)
    #expect(Goal("a", .atMost(1.5), 1.5).isMet == true)
    #expect(Goal("a", .atMost(1.5), 1.51).isMet == false)
  }

  @Test func whatWasNotMeasuredIsNeitherMetNorMissed() {
    let goal = Goal("a", .atLeast(4), nil)
    #expect(goal.isMet == nil)
    #expect(goal.json["met"] == .null)
    #expect(goal.json["measured"] == .null)
  }

  @Test func theJSONTellsTheBound() {
    #expect(Goal("a", .atLeast(40e6), 50e6, .perSecond).json["at_least"] == .number("40000000"))
    #expect(Goal("a", .atMost(1.2), 1, .nanoseconds).json["at_most"] == .number("1.2"))
  }
}
