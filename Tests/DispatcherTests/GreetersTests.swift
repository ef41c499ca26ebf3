import Testing

@testable import ControlPlane
@testable import Dispatcher

@Suite("Connections that have yet to say who they are")
struct GreetersTests {
  private let honest: UInt32 = 1000
  private let greedy: UInt32 = 1001

  @Test func theGreediestUsersOldestGivesWay() {
    var greeters = Greeters()
    greeters.insert(1, uid: honest, nowNs: 0)
    for descriptor in 2..<Int32(Greeters.maximum) { greeters.insert(descriptor, uid: greedy, nowNs: 0) }
    greeters.insert(100, uid: honest, nowNs: 0)
    #expect(greeters.surplus == nil)
    greeters.insert(101, uid: honest, nowNs: 0)
    #expect(greeters.surplus == 2)
    greeters.remove(2)
    #expect(greeters.surplus == nil)
  }

  @Test func aFloodTakesItsOwnPlacesOnly() {
    var greeters = Greeters()
    for descriptor in 1...Int32(10) { greeters.insert(descriptor, uid: honest, nowNs: 0) }
    for descriptor in 11...Int32(5000) {
      greeters.insert(descriptor, uid: greedy, nowNs: 0)
      while let surplus = greeters.surplus {
        #expect(surplus > 10)
        greeters.remove(surplus)
      }
    }
    #expect(greeters.late(nowNs: .max).prefix(10) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    #expect(greeters.late(nowNs: .max).count == Greeters.maximum)
  }

  @Test func patienceEndsForTheOldestFirst() {
    var greeters = Greeters()
    greeters.insert(1, uid: honest, nowNs: 10)
    greeters.insert(2, uid: honest, nowNs: 20)
    #expect(greeters.late(nowNs: 10 + Greeters.patienceNs).isEmpty)
    #expect(greeters.late(nowNs: 11 + Greeters.patienceNs) == [1])
    #expect(greeters.late(nowNs: 21 + Greeters.patienceNs) == [1, 2])
  }
}
