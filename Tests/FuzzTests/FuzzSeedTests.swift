import CRingmaster
import Dispatcher
import DispatcherSimulator
import EventCodec
import EventJSON
import EventModel
import Ingest
import Testing

@testable import ringfuzz

/// What the coverage-guided fuzzer begins with: something of every kind that there is.
@Suite(.serialized) struct FuzzSeedTests {
  @Test func everyKindOfEventIsARecord() throws {
    let kinds = try FuzzTarget.records.seeds().compactMap { seed in
      let (head, text) = record(seed)
      return try? text.withUnsafeBytes { try Event(body: EventDecoder.decode(head, text: $0)).kind }
    }
    #expect(Set(kinds) == Set(EventKind.allCases))
  }

  @Test func everyRequestIsThereWithAllThatItMayAskFor() throws {
    let heads = try FuzzTarget.requests.seeds().map { record($0).head }
    #expect(Set(heads.map(\.kind)) == Set(UInt8(RM_KIND_QUERY)...UInt8.max))
    let entities = heads.filter { UInt32($0.kind) == RM_KIND_QUERY && $0.subject > 0 }.map(\.subject)
    #expect(Set(entities) == Set(QueryEntity.allCases.map { UInt64($0.rawValue) }))
  }

  @Test func everyRoleAttaches() throws {
    let roles = try FuzzTarget.handshake.seeds().map { seed in
      var request = rm_attach_request()
      withUnsafeMutableBytes(of: &request) { $0.copyBytes(from: seed.prefix($0.count)) }
      return Role(rawValue: request.role)
    }
    #expect(Set(roles) == Set(Role.allCases))
  }

  @Test func everyKindOfDatagramDecodes() throws {
    let seeds = try FuzzTarget.datagrams.seeds()
    for seed in seeds { #expect(throws: Never.self) { _ = try seed.withUnsafeBytes { try Datagram.decode($0) } } }
    let kindOffset = try #require(MemoryLayout<rm_datagram_header>.offset(of: \.kind))
    var header = Array(seeds[0].prefix(Datagram.headerBytes))
    for kind in Set(UInt8.min...UInt8.max).subtracting(seeds.map { $0[kindOffset] }) {
      header[kindOffset] = kind
      #expect(throws: Datagram.Fault.badKind) { _ = try header.withUnsafeBytes { try Datagram.decode($0) } }
    }
  }

  @Test func everyKindOfLineIsRead() throws {
    let lines = try FuzzTarget.ndjson.seeds().map { Array($0.prefix { $0 != UInt8(ascii: "\n") }) }
    let kinds = lines.compactMap { try? EventJSONDecoder(timestamps: .optional).event(from: $0).kind }
    #expect(Set(kinds) == Set(EventKind.allCases.filter(\.isExternal)))
    let steps = lines.compactMap { try? ScriptStep(from: $0) }
    #expect(
      Set(steps.map(\.kind)) == Set(EventKind.allCases.map(\.name) + ["configured", "sweep", "restart", "place"]))
  }

  @Test(arguments: FuzzTarget.allCases) func longestPass(target: FuzzTarget) throws {
    let instance = "seeds-\(UInt32.random(in: 0...UInt32.max))"
    let counters = try SteppedDispatcher.Counters(instance: instance)
    for seed in try target.seeds().sorted(by: { $0.count > $1.count }).prefix(8) {
      #expect(seed.count <= FuzzSeeds.inputBytes)
      try target.take(seed) { try DispatcherProbe(instance: instance, counters: counters) }
    }
  }

  /// The first record of an input, and its text.
  private func record(_ input: [UInt8]) -> (head: rm_event_head, text: [UInt8]) {
    let bytes = Array(input.dropFirst())
    let head = bytes.withUnsafeBytes { $0.loadUnaligned(as: rm_event_head.self) }
    return (head, Array(bytes.dropFirst(MemoryLayout<rm_event_head>.size)))
  }
}

extension ScriptStep {
  fileprivate var kind: String {
    switch self {
    case .event(let event): event.kind.name
    case .configured: "configured"
    case .tick: EventKind.tick.name
    case .sweep: "sweep"
    case .restart: "restart"
    case .place: "place"
    }
  }
}
