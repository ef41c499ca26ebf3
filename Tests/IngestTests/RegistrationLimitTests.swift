import Platform
import Testing

@testable import Ingest

@Suite struct RegistrationLimitTests {
  @Test func aSourceHasABurstAndThenARate() throws {
    let limit = RegistrationLimit()
    let source = try SocketAddress("10.0.0.1:1")
    func allowed(_ source: SocketAddress, atNs nowNs: UInt64) -> Int {
      var count = 0
      while limit.allows(source, atNs: nowNs) { count += 1 }
      return count
    }
    let burst = allowed(source, atNs: 5)
    #expect(burst == RegistrationLimit.burst)
    let samePlace = allowed(try SocketAddress("10.0.0.1:2"), atNs: 5)
    #expect(samePlace == 0, "another port is the same source")
    var others = 0
    for host in 2...20 { others += limit.allows(try SocketAddress("10.0.0.\(host):1"), atNs: 5) ? 1 : 0 }
    #expect(others >= 17, "hardly any shares its place")
    let later = allowed(source, atNs: 1_000_000_005)
    #expect(later == RegistrationLimit.perSecond)
  }
}
