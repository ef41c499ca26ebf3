import Glibc
import Synchronization

/// Both ends of a pipe that no other child inherits: those that other tests start at this moment neither.
struct Pipe {
  let reader: Int32
  let writer: Int32

  private static let serial = Atomic<Int>(0)

  init() throws {
    // pipe2 is out of reach, and pipe has a moment without close-on-exec: so one with a name, for as long as it takes.
    let name = "/tmp/ringmaster-e2e-\(getpid())-\(Self.serial.add(1, ordering: .relaxed).newValue).pipe"
    guard mkfifo(name, 0o600) == 0 else { throw SystemCallError("mkfifo \(name)") }
    defer { unlink(name) }
    reader = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard reader >= 0 else { throw SystemCallError("open \(name)") }
    writer = open(name, O_WRONLY | O_CLOEXEC)
    guard writer >= 0 else { throw SystemCallError("open \(name)") }
    _ = fcntl(reader, F_SETFL, 0)
  }

  func closeBoth() {
    close(reader)
    close(writer)
  }
}
