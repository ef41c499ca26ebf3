import Glibc
import Testing

/// What the service manager hears of services that are well, however little they have to do.
extension EndToEndTests {
  @Suite struct WatchdogTests {
    /// The service manager's end of `NOTIFY_SOCKET`.
    private final class Listener {
      let path: String
      private let descriptor: Int32
      private(set) var pings = 0
      private(set) var isReady = false

      init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallError("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
          }
        }
        guard code == 0 else { throw SystemCallError("bind \(path)") }
      }

      deinit {
        close(descriptor)
      }

      /// Takes in what was said.
      func listen() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
          let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
          guard count >= 0 else { return }
          let message = String(decoding: buffer.prefix(count), as: UTF8.self)
          pings += message == "WATCHDOG=1" ? 1 : 0
          isReady = isReady || message.hasPrefix("READY=1")
        }
      }

      func environment(timeoutUs: Int) -> [String] { ["NOTIFY_SOCKET=\(path)", "WATCHDOG_USEC=\(timeoutUs)"] }
    }

    private static let timeoutUs = 400_000

    /// Its dispatch thread sleeps for a minute when there is nothing to do.
    @Test func aLongSweepIntervalDoesNotStarveIt() throws {
      try Workbench.run { bench in
        let listener = try Listener(bench.path("notify"))
        let settings = try bench.write(["[liveness]", "sweep_interval_ms = 60000"], to: "slow.toml")
        _ = try bench.start(
          "/usr/bin/env",
          listener.environment(timeoutUs: Self.timeoutUs) + [
            "\(Workbench.executables)/ringmasterd", "--socket", bench.socketPath, "--instance", bench.instance,
            "--config", settings,
          ])
        try bench.wait("it says again and again that it is well") {
          listener.listen()
          return listener.isReady && listener.pings >= 10
        }
      }
    }

    @Test func anIngestIsWatchedOver() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let listener = try Listener(bench.path("notify"))
        let ingest = try bench.start(
          "/usr/bin/env",
          listener.environment(timeoutUs: Self.timeoutUs) + [
            "\(Workbench.executables)/ringmaster-ingest", "udp", "--listen", "127.0.0.1:0", "--instance",
            bench.instance,
          ])
        try bench.wait("it says again and again that it is well") {
          listener.listen()
          return listener.isReady && listener.pings >= 5
        }
        try ingest.freeze()
        listener.listen()
        let before = listener.pings
        let start = ContinuousClock.now
        try bench.wait("it is silent while it hangs") {
          ContinuousClock.now - start > .microseconds(2 * Self.timeoutUs)
        }
        listener.listen()
        #expect(listener.pings == before)
        ingest.signal(SIGCONT)
      }
    }
  }
}
