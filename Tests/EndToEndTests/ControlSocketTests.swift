import CTestSystem
import Glibc
import Testing

/// Strangers at the control socket, with packets laid out by hand as ringmaster.h describes them.
extension EndToEndTests {
  @Suite struct ControlSocketTests {
    private static let magic: UInt32 = 0x434d_5232
    private static let attach: UInt32 = 1
    private static let refused: UInt32 = 3
    private static let abiVersion: UInt32 = 2
    private static let refusedABI: UInt32 = 1
    private static let refusedMalformed: UInt32 = 4
    private static let observe: UInt32 = 3

    @Test func aClientOfAnotherABIIsToldSo() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let answer = try answer(to: request(abi: 999), bench)
        #expect(answer.type == Self.refused)
        #expect(answer.code == Self.refusedABI)
        #expect(answer.abi == Self.abiVersion)
        #expect(answer.text.contains("999"), "\(answer.text)")
        let counters = try bench.counters(of: "ringmasterd-control")
        #expect(counters["attach_refused_abi"] == 1)
        #expect(try bench.ringctl("status").exit == .code(0))
      }
    }

    @Test func whatIsNoRequestIsRefused() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let wrong: [[UInt8]] = [
          [7], request(magic: 1), request(type: 9), request(role: 77), request(capacity: 63),
          request(capacity: 1 << 30), Array(request().dropLast()), request() + [0],
        ]
        for packet in wrong {
          let answer = try answer(to: packet, bench)
          #expect(answer.type == Self.refused)
          #expect(answer.code == Self.refusedMalformed, "\(answer.text)")
          #expect(!answer.text.isEmpty)
        }
        let counters = try bench.counters(of: "ringmasterd-control")
        #expect(counters["attach_refused_malformed"] == .number(Double(wrong.count)))
        #expect(try bench.ringctl("status").exit == .code(0))
        try bench.wait("the rings of those who left are removed") { bench.rings == [] }
      }
    }

    /// Without a descriptor for one more connection, trying again at once would keep a processor busy and fill the log.
    @Test func withoutDescriptorsItWaitsForSome() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        // It says that it listens before it has all that it needs.
        try bench.wait("it answers") { try bench.ringctl("status").exit == .code(0) }
        try bench.wait("it has let that peer go") { bench.rings == [] }
        let used = Set(Folder.names(in: "/proc/\(dispatcher.pid)/fd").compactMap { UInt32($0) })
        let free = (0...).lazy.map { UInt32($0) }.filter { !used.contains($0) }
        // One is left.
        let limit = try #require(free.dropFirst().first { _ in true })
        #expect(test_limit_descriptors(dispatcher.pid, limit) == 0)
        let strangers = try (0..<16).map { _ in try connection(bench) }
        func failures() -> Int { dispatcher.errorLines.count { $0.contains("cannot accept connections") } }
        try bench.wait("it has tried again") { failures() >= 2 }
        // One a second, for as long as is waited at the most.
        #expect(failures() < 30)
        for stranger in strangers { close(stranger) }
        #expect(test_limit_descriptors(dispatcher.pid, 256) == 0)
        try bench.wait("it accepts again") { try bench.ringctl("status").exit == .code(0) }
      }
    }

    private struct Answer {
      let abi, type, code: UInt32
      let text: String
    }

    private func request(
      magic: UInt32 = magic, abi: UInt32 = abiVersion, type: UInt32 = attach, role: UInt32 = observe,
      capacity: UInt32 = 64
    ) -> [UInt8] {
      let numbers = [magic, abi, type, role, capacity, 1024, 0, 0]
      let name = Array("stranger".utf8) + [UInt8](repeating: 0, count: 56)
      return numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } } + name
    }

    private func connection(_ bench: Workbench) throws -> Int32 {
      let stranger = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      var address = UnixAddress(bench.socketPath)
      guard address.with({ connect(stranger, $0, $1) }) == 0 else { throw SystemCallError("connect") }
      return stranger
    }

    private func answer(to packet: [UInt8], _ bench: Workbench) throws -> Answer {
      let stranger = try connection(bench)
      defer { close(stranger) }
      guard send(stranger, packet, packet.count, Int32(MSG_NOSIGNAL)) == packet.count else {
        throw SystemCallError("send")
      }
      var wait = pollfd(fd: stranger, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 15_000) == 1 else { throw InVain(what: "the dispatcher answers", limit: .seconds(15)) }
      var reply = [UInt8](repeating: 0, count: 1024)
      let count = recv(stranger, &reply, reply.count, 0)
      // Ten numbers, two long ones, the id of the cluster, a token of 32 bytes and a text of 192 bytes.
      try #require(count == 10 * 4 + 16 + 16 + 32 + 192)
      func number(_ index: Int) -> UInt32 {
        reply.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)) }
      }
      #expect(number(0) == Self.magic)
      let text = String(decoding: reply[104..<count].prefix { $0 != 0 }, as: UTF8.self)
      return Answer(abi: number(1), type: number(2), code: number(3), text: text)
    }
  }
}
