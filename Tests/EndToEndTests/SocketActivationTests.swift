import Glibc
import Testing

/// A listening socket that was passed by who started the dispatcher, as systemd does it: descriptor 3, and two variables.
extension EndToEndTests {
  @Suite(
    .enabled(if: access("/bin/sh", X_OK) == 0, "/bin/sh, which can say its own pid before it becomes the dispatcher"))
  struct SocketActivationTests {
    private static let shell = "/bin/sh"
    private static let becomeActivated = #"LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=control exec "$0" "$@""#

    @Test func servesTheSocketItWasGivenAndLeavesIt() throws {
      try Workbench.run { bench in
        let passed = try listener(at: bench.socketPath, type: SOCK_SEQPACKET)
        defer { close(passed) }
        // Nobody serves it yet: this one waits for who comes.
        let early = try bench.start("ringctl", ["status", "--json"])
        let dispatcher = try start(bench, passing: passed)
        #expect(try bench.waitForExit(early) == .code(0), "\(early.errors)")
        #expect(try JSON(parsing: early.output)["alive"] == true)
        #expect(access(bench.path("unused.sock"), F_OK) != 0)
        #expect(try bench.stop(dispatcher) == .code(0))
        #expect(access(bench.socketPath, F_OK) == 0, "the socket belongs to who passed it")
      }
    }

    @Test func theSameSocketServesTheNextDispatcher() throws {
      try Workbench.run { bench in
        let passed = try listener(at: bench.socketPath, type: SOCK_SEQPACKET)
        defer { close(passed) }
        let first = try start(bench, passing: passed)
        #expect(try bench.ringctl("status").exit == .code(0))
        #expect(try bench.stop(first, SIGKILL) == .signal(SIGKILL))
        let between = try bench.start("ringctl", ["status"])
        let second = try start(bench, passing: passed)
        #expect(try bench.waitForExit(between) == .code(0), "\(between.errors)")
        #expect(try bench.stop(second) == .code(0))
      }
    }

    @Test func refusesASocketOfAnotherKind() throws {
      try Workbench.run { bench in
        let passed = try listener(at: bench.socketPath, type: SOCK_STREAM)
        defer { close(passed) }
        let dispatcher = try start(bench, passing: passed)
        #expect(try bench.waitForExit(dispatcher) != .code(0))
        #expect(dispatcher.errorLines.count == 1, "\(dispatcher.errors)")
        #expect(dispatcher.errors.contains("SOCK_SEQPACKET"))
      }
    }

    /// What workers say while an ingest is started again waits in the socket.
    @Test func aRestartedIngestLosesNoDatagram() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let passed = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(passed) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            _ = bind(passed, $0, size)
            getsockname(passed, $0, &size)
          }
        }
        let worker = try WorkerSocket(toPort: UInt16(bigEndian: address.sin_port))
        func startIngest() throws -> ChildProcess {
          try bench.start(
            Self.shell,
            [
              "-c", Self.becomeActivated, "\(Workbench.executables)/ringmaster-ingest", "udp",
              "--instance", bench.instance,
            ], inherited: passed)
        }
        let first = try startIngest()
        let handle = try worker.register("w").worker
        #expect(try bench.stop(first, SIGKILL) == .signal(SIGKILL))
        for _ in 0..<10 { try worker.send(DatagramBytes.heartbeats([handle])) }
        let second = try startIngest()
        try bench.waitForCounter("heartbeats_applied", of: "ringmasterd", atLeast: 10)
        #expect(second.outputLines == ["listening on 127.0.0.1:\(UInt16(bigEndian: address.sin_port))"])
      }
    }

    private func start(_ bench: Workbench, passing descriptor: Int32) throws -> ChildProcess {
      try bench.start(
        Self.shell,
        [
          "-c", Self.becomeActivated, "\(Workbench.executables)/ringmasterd",
          "--socket", bench.path("unused.sock"), "--instance", bench.instance,
        ], inherited: descriptor)
    }

    private func listener(at path: String, type: __socket_type) throws -> Int32 {
      let descriptor = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { throw SystemCallError("socket") }
      var address = UnixAddress(path)
      guard address.with({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 16) == 0 else {
        throw SystemCallError("bind \(path)")
      }
      return descriptor
    }
  }
}

/// The address of a socket in the file system.
struct UnixAddress {
  private var address = sockaddr_un()

  init(_ path: String) {
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  }

  mutating func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
