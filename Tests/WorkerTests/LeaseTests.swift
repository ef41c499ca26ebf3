import Testing

@testable import Worker

@Suite struct LeaseTests {
  @Test func whatHasRunOutStaysSo() {
    var lease = Lease()
    lease.renew(timeoutMs: 60_000, fromNs: 1_000_000_000)
    let endNs = lease.deadlineNs
    lease.standStill(atNs: endNs + 1)
    #expect(lease.deadlineNs == endNs)
    lease.standStill(atNs: endNs - 1)
    #expect(lease.deadlineNs == endNs - 1 + lease.terms.leaseNs)
  }

  @Test func behindItsEndLessAndLessTimeIsLeft() {
    var lease = Lease()
    #expect(lease.stopMs(nowNs: 5_000_000_000) == 15_000)
    lease.renew(timeoutMs: 60_000, fromNs: 1_000_000_000)
    let endNs = lease.deadlineNs
    #expect(endNs == 41_000_000_000)
    #expect(lease.stopMs(nowNs: 0) == 15_000 && lease.stopMs(nowNs: endNs) == 15_000)
    #expect(lease.stopMs(nowNs: endNs + 5_000_000_000) == 10_000)
    // The machine has slept.
    #expect(lease.stopMs(nowNs: endNs + 600_000_000_000) == 0 && lease.stopMs(nowNs: .max) == 0)
    #expect(lease.fenceStopMs(nowNs: endNs + lease.terms.fenceDelayNs) == 10_000)
    #expect(lease.fenceStopMs(nowNs: endNs + lease.terms.fenceDelayNs + 4_000_000_000) == 6_000)
    #expect(lease.fenceStopMs(nowNs: .max) == 0)
  }
}
