import Glibc
import Platform
import ServiceManager
import Testing

/// Sockets are inherited at fixed numbers, which other threads of a test process have in use: so each case runs in a
/// process of its own, and there in a copy of it that has one thread.
@Suite struct InheritedSocketTests {
  @Test func withoutSystemdThereIsNone() async {
    await #expect(processExitsWith: .exitCode(42)) {
      inOneThread {
        unsetenv("LISTEN_FDS")
        return try listensOn() == nil && ServiceManager.inheritedSockets().isEmpty ? 42 : 1
      }
    }
  }

  @Test func theListenerIsTakenOnce() async {
    await #expect(processExitsWith: .exitCode(42)) {
      inOneThread {
        pass([unixSocket(SOCK_SEQPACKET, listening: true)], names: "ringmaster.socket")
        let sockets = ServiceManager.inheritedSockets()
        guard sockets.map(\.descriptor) == [3], sockets.map(\.name) == ["ringmaster.socket"] else { return 1 }
        guard try listensOn() == 3 else { return 2 }
        return try listensOn() == nil && ServiceManager.inheritedSockets().isEmpty ? 42 : 3
      }
    }
  }

  @Test func theListenerIsOwnedAndCloseOnExec() async {
    await #expect(processExitsWith: .exitCode(42)) {
      inOneThread {
        pass([unixSocket(SOCK_SEQPACKET, listening: true)], names: "ringmaster.socket")
        do {
          let listener = try ServiceManager.seqpacketListener()
          guard listener != nil, fcntl(3, F_GETFD) & FD_CLOEXEC != 0 else { return 1 }
        }
        return fcntl(3, F_GETFD) == -1 ? 42 : 2
      }
    }
  }

  @Test func socketsOfAnotherProcessAreNotTaken() async {
    await #expect(processExitsWith: .exitCode(42)) {
      inOneThread {
        pass([unixSocket(SOCK_SEQPACKET, listening: true)], names: "ringmaster.socket")
        setenv("LISTEN_PID", "1", 1)
        return try listensOn() == nil ? 42 : 1
      }
    }
  }

  @Test func moreThanOneSocketIsRefused() async {
    await #expect(processExitsWith: .exitCode(42)) {
      inOneThread {
        pass([unixSocket(SOCK_SEQPACKET, listening: true), unixSocket(SOCK_SEQPACKET, listening: true)], names: "a:b")
        let names = ServiceManager.inheritedSockets().map(\.name)
        return refusal()?.found == "2 (a, b)" && names == ["a", "b"] ? 42 : 1
      }
    }
  }

  @Test func aStreamSocketIsRefused() async {
    await #expect(processExitsWith: .exitCode(42)) {
      inOneThread {
        pass([unixSocket(SOCK_STREAM, listening: true)], names: "stream")
        return refusal()?.advice.contains("ListenSequentialPacket=") == true ? 42 : 1
      }
    }
  }

  @Test func aSocketThatDoesNotListenIsRefused() async {
    await #expect(processExitsWith: .exitCode(42)) {
      inOneThread {
        pass([unixSocket(SOCK_SEQPACKET, listening: false)], names: "idle")
        return refusal()?.found == "something else named idle" ? 42 : 1
      }
    }
  }

  @Test func aSocketOfTheNetworkIsRefused() async {
    await #expect(processExitsWith: .exitCode(42)) {
      inOneThread {
        let tcp = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        listen(tcp, 1)
        pass([tcp], names: "tcp")
        return refusal() != nil ? 42 : 1
      }
    }
  }
}

/// Ends this process with the exit code of `body`.
private func inOneThread(_ body: () throws -> Int32) -> Never {
  // By its symbol, because Swift withholds it: a copy of a busy process is unsafe, and this one is idle.
  let fork = unsafeBitCast(dlsym(nil, "fork"), to: (@convention(c) () -> pid_t).self)
  let copy = fork()
  guard copy != 0 else { _exit((try? body()) ?? 13) }
  var status: Int32 = 0
  guard copy > 0, waitpid(copy, &status, 0) == copy, status & 0x7f == 0 else { exit(14) }
  exit(status >> 8)
}

private func listensOn() throws -> Int32? {
  guard let listener = try ServiceManager.seqpacketListener() else { return nil }
  return listener.release()
}

private func refusal() -> InheritedSocketError? {
  do {
    _ = try listensOn()
    return nil
  } catch {
    return error as? InheritedSocketError
  }
}

private func unixSocket(_ type: __socket_type, listening: Bool) -> Int32 {
  let descriptor = socket(AF_UNIX, Int32(type.rawValue), 0)
  // In the abstract namespace, so that nothing is left behind.
  let path = "\0ringmaster-inherited-\(getpid())-\(descriptor)"
  guard withUnixAddress(path, { bind(descriptor, $0, $1) }) == 0 else { _exit(10) }
  if listening && listen(descriptor, 1) != 0 { _exit(11) }
  return descriptor
}

/// Puts the sockets where systemd does.
private func pass(_ sockets: [Int32], names: String) {
  // Out of the way first: a socket may hold a number that another is to get.
  let parked = sockets.map { fcntl($0, F_DUPFD, 100) }
  for (index, socket) in parked.enumerated() {
    guard dup2(socket, 3 + Int32(index)) >= 0 else { _exit(12) }
  }
  setenv("LISTEN_PID", "\(getpid())", 1)
  setenv("LISTEN_FDS", "\(sockets.count)", 1)
  setenv("LISTEN_FDNAMES", names, 1)
}
