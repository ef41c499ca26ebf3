import Controller
import EventModel
import Testing

@Suite struct LivenessJudgeTests {
  @Test func oneSilentWorkerIsLostAndTheBoundaryIsStrict() throws {
    let fleet = JudgedFleet()
    fleet.register(3, atMs: 1000)
    fleet.hear(2, atMs: 5000)
    #expect(fleet.judge(asOfMs: 11_000).isEmpty)
    let transactions = fleet.judge(asOfMs: 11_001)
    #expect(transactions.map(\.subject?.description) == ["w2"])
    let event = try #require(transactions.first?.event)
    let worker = try #require(fleet.workers["w2"])
    #expect(event == .workerTimedOut(.handle(worker), lastHeartbeatMs: 1000, timeoutMs: 10_000, timestampMs: 11_001))
  }

  /// The row of a zone that everybody has left must not be judged as the workers without a zone.
  @Test func aZoneThatIsGoneHasNoSayInTheBrakeOfTheRest() {
    let fleet = JudgedFleet()
    fleet.register(20, atMs: 1000)
    fleet.register(1, zone: "a", prefix: "a", atMs: 1000)
    #expect(fleet.judge(asOfMs: 12_000).kinds == [.brakeEngaged])
    _ = fleet.state.handle(.workerFailed("a0"))
    #expect(fleet.judge(asOfMs: 12_100).isEmpty, "all are silent")
    fleet.hear(20, atMs: 12_200)
    let transactions = fleet.judge(asOfMs: 12_300)
    #expect(transactions.kinds == [.brakeReleased] && transactions.allSatisfy { $0.outcome == .applied })
  }

  @Test func aStallShiftsEveryDeadline() {
    let fleet = JudgedFleet()
    fleet.register(2, atMs: 1000)
    fleet.hear(1, atMs: 3000)
    // Stopped from 4000 to 34000.
    let stall = fleet.state.handle(.controllerStalled(stalledMs: 30_000, timestampMs: 34_000))
    #expect(stall.outcome == .applied && stall.actions.isEmpty)
    #expect(fleet.judge(asOfMs: 41_000).isEmpty)
    #expect(fleet.judge(asOfMs: 41_001).map(\.subject?.description) == ["w1"], "1000 + 10000 + 30000 have passed")
    #expect(fleet.judge(asOfMs: 43_001).map(\.subject?.description) == ["w0"])
    #expect(fleet.state.handle(.controllerStalled(stalledMs: -1, timestampMs: 1)).outcome == .rejected(.malformed))
  }

  @Test func aHeartbeatDuringTheStallDoesNotCountBeyondItsEnd() {
    let fleet = JudgedFleet()
    fleet.register(1, atMs: 1000)
    fleet.hear(1, atMs: 20_000)
    _ = fleet.state.handle(.controllerStalled(stalledMs: 30_000, timestampMs: 34_000))
    #expect(fleet.judge(asOfMs: 44_000).isEmpty)
    #expect(fleet.judge(asOfMs: 44_001).lost == 1)
  }

  /// A worker that has not heard of it lets its tasks run for as long as before; one that only says that it lives does not.
  @Test(arguments: [true, false]) func aShorterTimeoutCountsWhenTheLongerOneIsOver(confirmsStops: Bool) {
    let fleet = JudgedFleet()
    fleet.register(1, confirmsStops: confirmsStops, atMs: 1000)
    fleet.hear(1, atMs: 20_000)
    var shorter = JudgedFleet.configuration
    shorter.workerTimeoutMs = 2000
    fleet.state.configure(shorter)
    #expect(fleet.judge(asOfMs: 21_000).isEmpty)
    #expect(fleet.judge(asOfMs: 22_001).lost == (confirmsStops ? 0 : 1))
    guard confirmsStops else { return }
    fleet.hear(1, atMs: 23_000)
    #expect(fleet.judge(asOfMs: 30_999).isEmpty)
    #expect(fleet.judge(asOfMs: 31_000).lost == 1)
  }

  @Test func aShorterTimeoutAndARestart() {
    let fleet = JudgedFleet()
    fleet.register(1, confirmsStops: true, atMs: 1000)
    var shorter = JudgedFleet.configuration
    (shorter.workerTimeoutMs, shorter.restartGraceMs, shorter.restartSpreadMs) = (2000, 0, 0)
    fleet.state.configure(shorter)
    fleet.state.restartLiveness(atMs: 100_000)
    #expect(fleet.judge(asOfMs: 109_999).isEmpty)
    #expect(fleet.judge(asOfMs: 110_001).lost == 1)
  }

  @Test func tenThousandLiveWorkersOutliveAStall() {
    let fleet = JudgedFleet(ControllerConfiguration())
    fleet.register(10_000, atMs: 1000)
    for index in 0..<10 { fleet.hear(10_000, atMs: 1000 + Int64(index) * 5000) }
    _ = fleet.state.handle(.controllerStalled(stalledMs: 120_000, timestampMs: 170_000))
    #expect(fleet.judge(asOfMs: 170_000, slots: 1024).isEmpty)
    fleet.hear(10_000, atMs: 171_000)
    #expect(fleet.judge(asOfMs: 230_000, slots: 1024).isEmpty)
  }

  @Test func afterARestartThereIsGraceAndExpiriesAreSpread() {
    var configuration = JudgedFleet.configuration
    configuration.brakeEngageSharePercent = 100
    let fleet = JudgedFleet(configuration)
    fleet.register(101, atMs: 1000)
    fleet.state.restartLiveness(atMs: 100_000)
    fleet.hear(1, atMs: 101_000)
    #expect(fleet.judge(asOfMs: 111_000).lost == 0)
    #expect(fleet.judge(asOfMs: 111_001).map(\.subject?.description) == ["w0"], "it was heard of: no grace any more")
    #expect(fleet.judge(asOfMs: 112_000).lost == 0)
    var perSecond: [Int] = []
    for second in 1...4 { perSecond.append(fleet.judge(asOfMs: 112_001 + Int64(second) * 1000).lost) }
    #expect(perSecond.reduce(0, +) == 100)
    #expect(perSecond.allSatisfy { (15...35).contains($0) }, "\(perSecond)")
  }
}

@Suite struct BrakeTests {
  @Test func aMassFailureIsSlowedAndRecorded() throws {
    let fleet = JudgedFleet()
    fleet.register(100, atMs: 1000)
    fleet.hear(40, atMs: 11_000)
    let first = fleet.judge(asOfMs: 11_001)
    #expect(
      first.map(\.event) == [.brakeEngaged(ZoneCensus(zone: "", silentWorkers: 60, workers: 100), timestampMs: 11_001)])
    #expect(first[0].outcome == .applied)
    #expect(fleet.state.brakes.map(\.engagedMs) == [11_001])
    // One a second from here on.
    var lost = 0
    for second in 1...30 {
      let nowMs = 11_001 + Int64(second) * 1000
      fleet.hear(40, atMs: nowMs)
      for part in 0..<4 { lost += fleet.judge(asOfMs: nowMs + Int64(part) * 250).lost }
      #expect(lost == second)
    }
    #expect(fleet.state.brakes.first?.expiredWorkers == 30, "its own expiries do not release it")
    // The network is back for most of the others.
    fleet.hear(90, atMs: 42_000)
    let last = fleet.judge(asOfMs: 42_001)
    #expect(last.kinds.first == .brakeReleased)
    #expect(fleet.state.brakes.isEmpty)
    #expect(last.lost == 10, "and who is still silent is lost")
  }

  @Test func itSeesAFaultThatComesToLightOneWorkerAtATime() {
    let fleet = JudgedFleet()
    fleet.register(100, atMs: 1000)
    // Heartbeats every 4 s at different moments, until the network fails at 20000 for 90 of 100.
    for index in 0..<100 {
      guard let worker = fleet.workers["w\(index)"] else { continue }
      _ = fleet.state.recordHeartbeat(worker, atMs: 16_000 + Int64(index) * 40)
    }
    var lost = 0
    for nowMs in stride(from: Int64(20_000), to: 34_000, by: 50) {
      for index in 90..<100 {
        guard let worker = fleet.workers["w\(index)"] else { continue }
        _ = fleet.state.recordHeartbeat(worker, atMs: nowMs)
      }
      lost += fleet.judge(asOfMs: nowMs, slots: 1024).lost
    }
    #expect(fleet.state.brakes.count == 1)
    #expect(lost <= 8, "\(lost) lost in the 8 s since the first was overdue")
  }

  @Test func atAHundredPercentItStops() {
    let fleet = JudgedFleet()
    fleet.register(50, atMs: 1000)
    #expect(fleet.judge(asOfMs: 12_000).kinds == [.brakeEngaged])
    for minute in 1...10 { #expect(fleet.judge(asOfMs: 12_000 + Int64(minute) * 60_000).isEmpty) }
    fleet.hear(50, atMs: 700_000)
    #expect(fleet.judge(asOfMs: 700_001).kinds == [.brakeReleased])
    #expect(fleet.state.totals.workers == 50)
  }

  @Test func smallFleetsHaveNone() {
    let fleet = JudgedFleet()
    fleet.register(19, atMs: 1000)
    #expect(fleet.judge(asOfMs: 12_000).lost == 19)
  }

  @Test func theShareItselfIsNotEnough() {
    let fleet = JudgedFleet()
    fleet.register(100, atMs: 1000)
    fleet.hear(45, atMs: 11_000)
    let transactions = fleet.judge(asOfMs: 11_001)
    #expect(transactions.lost == 55 && transactions.kinds.allSatisfy { $0 == .workerFailed }, "55 of 100 is not more")
  }

  @Test func anOperatorCanOverrideIt() {
    let fleet = JudgedFleet()
    fleet.register(30, atMs: 1000)
    #expect(fleet.state.handle(.brakeOverridden(zone: "")).outcome == .ignored)
    fleet.judge(asOfMs: 12_000)
    #expect(fleet.state.handle(.brakeOverridden(zone: "elsewhere")).outcome == .ignored)
    #expect(fleet.state.handle(.brakeOverridden(zone: "", reason: "the hall burnt down")).outcome == .applied)
    #expect(fleet.state.handle(.brakeOverridden(zone: "")).outcome == .ignored)
    #expect(fleet.judge(asOfMs: 12_050).lost == 30)
    #expect(fleet.judge(asOfMs: 12_100).kinds == [.brakeReleased])
    #expect(fleet.state.brakes.isEmpty && fleet.state.checkInvariants().isEmpty)
  }

  @Test func zonesAreJudgedByThemselves() {
    let fleet = JudgedFleet()
    fleet.register(40, zone: "a", prefix: "a", atMs: 1000)
    fleet.register(40, zone: "b", prefix: "b", atMs: 1000)
    fleet.hear(39, prefix: "b", atMs: 11_000)
    let transactions = fleet.judge(asOfMs: 11_001)
    #expect(transactions.map(\.event.kind) == [.brakeEngaged, .workerFailed])
    #expect(transactions.last?.subject?.description == "b39", "the healthy zone is not slowed")
    #expect(fleet.state.brakes.map(\.zone) == ["a"])
  }

  @Test func smallZonesAreJudgedTogether() {
    let fleet = JudgedFleet()
    for rack in 0..<10 { fleet.register(4, zone: "rack\(rack)", prefix: "r\(rack)-", atMs: 1000) }
    for rack in 0..<3 { fleet.hear(4, prefix: "r\(rack)-", atMs: 11_000) }
    let transactions = fleet.judge(asOfMs: 11_001)
    #expect(
      transactions.map(\.event) == [
        .brakeEngaged(ZoneCensus(zone: "", silentWorkers: 28, workers: 40), timestampMs: 11_001)
      ])
    let one = fleet.judge(asOfMs: 12_001)
    #expect(one.lost == 1 && fleet.state.brakes.first?.expiredWorkers == 1)
  }

  @Test func aZoneWhoseWorkersAreAllGoneIsReleased() {
    let fleet = JudgedFleet()
    fleet.register(20, zone: "a", atMs: 1000)
    fleet.judge(asOfMs: 12_000)
    for index in 0..<20 { _ = fleet.state.handle(.workerFailed(.name("w\(index)"))) }
    #expect(
      fleet.judge(asOfMs: 12_050).map(\.event) == [
        .brakeReleased(ZoneCensus(zone: "a", silentWorkers: 0, workers: 0), timestampMs: 12_050)
      ])
  }

  @Test func aRestartDoesNotReleaseIt() {
    let fleet = JudgedFleet()
    fleet.register(50, atMs: 1000)
    fleet.judge(asOfMs: 12_000)
    fleet.state.restartLiveness(atMs: 20_000)
    for nowMs in stride(from: Int64(20_000), through: 60_000, by: 1000) { #expect(fleet.judge(asOfMs: nowMs).isEmpty) }
    #expect(fleet.state.brakes.count == 1)
  }

  @Test func silentWorkersGetNoTasksUntilTheyAreHeardOf() throws {
    let fleet = JudgedFleet()
    fleet.register(50, zone: "a", atMs: 1000)
    fleet.judge(asOfMs: 12_000)
    fleet.state.submit("j", atMs: 12_000)
    var policy: any SchedulingPolicy = FirstFit()
    let task = try #require(fleet.state.queue.first)
    #expect(fleet.state.proposePlacements(using: &policy, limit: 10).isEmpty)
    #expect(fleet.state.placementObstacle(of: task) == .brakeEngaged(zone: "a"))
    #expect(fleet.state.checkInvariants().isEmpty)
    fleet.hear(1, atMs: 13_000)
    #expect(!fleet.state.hasSchedulableWork)
    fleet.judge(asOfMs: 13_050)
    #expect(fleet.state.hasSchedulableWork)
    #expect(fleet.state.proposePlacements(using: &policy, limit: 10).count == 1)
    #expect(fleet.state.checkInvariants().isEmpty)
  }

  /// What was decided enters as events: a controller that never heard a heartbeat comes to the same state.
  @Test func aReplayNeedsNoHeartbeats() {
    let fleet = JudgedFleet()
    let replica = TestController(configuration: JudgedFleet.configuration)
    fleet.register(60, atMs: 1000)
    fleet.state.submit("j", replicas: 30, atMs: 1500)
    for index in 0..<30 { fleet.state.run("j/task-\(index)", on: "w\(index)") }
    fleet.hear(20, atMs: 10_500)
    fleet.judge(asOfMs: 11_001)
    fleet.judge(asOfMs: 12_001)
    _ = fleet.state.handle(.controllerStalled(stalledMs: 2000, timestampMs: 14_500))
    _ = fleet.state.handle(.brakeOverridden(zone: "", timestampMs: 14_600))
    fleet.judge(asOfMs: 15_000)
    for transaction in fleet.state.transactionLog {
      #expect(replica.handle(transaction.event) == transaction)
    }
    #expect(replica.stateHash == fleet.state.stateHash)
    #expect(fleet.state.totals.workers < 60)
  }
}
