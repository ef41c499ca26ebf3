import Glibc
import Platform
import Testing

@testable import ServiceManager

/// Each case changes the environment, which belongs to the whole process: so each has a process of its own.
@Suite struct NotificationTests {
  @Test func readyCarriesTheStatus() async {
    await #expect(processExitsWith: .success) {
      #expect(messages { ServiceManager.ready(status: "0 peers") } == ["READY=1\nSTATUS=0 peers"])
    }
  }

  @Test func statusAloneSaysNothingElse() async {
    await #expect(processExitsWith: .success) {
      #expect(messages { ServiceManager.status("12 peers, ünïcode") } == ["STATUS=12 peers, ünïcode"])
    }
  }

  @Test func aStatusIsOneLine() async {
    await #expect(processExitsWith: .success) {
      for lineBreak in ["\n", "\r\n", "\u{2028}"] {
        #expect(messages { ServiceManager.status("fine\(lineBreak)STOPPING=1") } == ["STATUS=fine STOPPING=1"])
      }
    }
  }

  @Test func theOthersAreSingleWords() async {
    await #expect(processExitsWith: .success) {
      #expect(messages { ServiceManager.stopping() } == ["STOPPING=1"])
      #expect(messages { ServiceManager.watchdogPing() } == ["WATCHDOG=1"])
    }
  }

  /// A long start says that it comes further, and no oftener than is needed.
  @Test func aStartThatTakesLongerIsWaitedFor() async {
    await #expect(processExitsWith: .success) {
      let told = messages {
        let startNs = Clock.monotonicNs()
        var start = StartExtension()
        for seconds in [1, 6, 7, 8, 12] as [UInt64] { start.noteProgress(nowNs: startNs + seconds * 1_000_000_000) }
        return true
      }
      #expect(told == ["EXTEND_TIMEOUT_USEC=120000000", "EXTEND_TIMEOUT_USEC=120000000"])
    }
  }

  @Test func aReloadTellsWhenItBegan() async {
    await #expect(processExitsWith: .success) {
      var before = timespec()
      clock_gettime(CLOCK_MONOTONIC, &before)
      let sent = messages { ServiceManager.reloading() }
      let lines = sent.first?.split(separator: "\n") ?? []
      #expect(sent.count == 1 && lines.count == 2 && lines.first == "RELOADING=1")
      let beganUs = lines.last.flatMap { $0.hasPrefix("MONOTONIC_USEC=") ? Int($0.dropFirst(15)) : nil }
      #expect(beganUs ?? 0 >= before.tv_sec * 1_000_000 + before.tv_nsec / 1000)
    }
  }

  @Test func eachCallIsOneMessage() async {
    await #expect(processExitsWith: .success) {
      let sent = messages {
        ServiceManager.ready(status: "up") && ServiceManager.watchdogPing() && ServiceManager.watchdogPing()
          && ServiceManager.stopping()
      }
      #expect(sent == ["READY=1\nSTATUS=up", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"])
    }
  }

  @Test func withoutSystemdNobodyIsTold() async {
    await #expect(processExitsWith: .success) {
      unsetenv("NOTIFY_SOCKET")
      #expect(!ServiceManager.ready(status: "up"))
      #expect(!ServiceManager.watchdogPing())
    }
  }

  @Test func aServiceManagerThatIsGoneIsNoError() async {
    await #expect(processExitsWith: .success) {
      setenv("NOTIFY_SOCKET", "/tmp/ringmaster-no-such-socket", 1)
      #expect(!ServiceManager.ready(status: "up"))
    }
  }

  @Test func theWatchdogIntervalIsTheOneForThisProcess() async {
    await #expect(processExitsWith: .success) {
      unsetenv("WATCHDOG_USEC")
      unsetenv("WATCHDOG_PID")
      #expect(ServiceManager.watchdogInterval == nil)
      setenv("WATCHDOG_USEC", "10000000", 1)
      #expect(ServiceManager.watchdogInterval == .seconds(10))
      setenv("WATCHDOG_PID", "\(getpid())", 1)
      #expect(ServiceManager.watchdogInterval == .seconds(10))
      setenv("WATCHDOG_PID", "1", 1)
      #expect(ServiceManager.watchdogInterval == nil)
      setenv("WATCHDOG_PID", "\(getpid())", 1)
      setenv("WATCHDOG_USEC", "soon", 1)
      #expect(ServiceManager.watchdogInterval == nil)
    }
  }
}

/// Runs `body` as if under systemd and returns what systemd was told.
private func messages(_ body: () -> Bool) -> [String] {
  let socket = NotificationSocket()
  setenv("NOTIFY_SOCKET", socket.path, 1)
  #expect(body())
  return Array(sequence(state: socket) { $0.next() })
}
