import Glibc
import Platform
import Synchronization
import Testing

@Suite struct NamedThreadTests {
  private final class Seen: Sendable {
    let name = Mutex("")
  }

  @Test(arguments: [
    ("journal", "journal"), ("a name of more than fifteen bytes", "a name of more "), ("ééééééééé", "ééééééé"),
  ])
  func theKernelSeesAsMuchOfTheNameAsFits(name: String, expected: String) throws {
    let seen = Seen()
    let thread = try NamedThread(name) {
      let file = open("/proc/thread-self/comm", O_RDONLY)
      defer { close(file) }
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = read(file, &bytes, bytes.count)
      let name = String(decoding: bytes.prefix(max(count - 1, 0)), as: UTF8.self)
      seen.name.withLock { $0 = name }
    }
    thread.join()
    #expect(seen.name.withLock { $0 } == expected)
  }
}
