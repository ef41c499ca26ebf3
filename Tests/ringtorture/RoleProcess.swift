import Glibc
import Platform

/// A process of a round: started, killed, waited for by the one thread of the torture.
final class RoleProcess {
  let name: String
  let pid: pid_t
  private(set) var end: ProcessEnd?
  /// The torture has killed it.
  private(set) var wasKilled = false

  /// The torture itself, which plays all roles but those of the product's programs.
  static let torture = "/proc/self/exe"
  private static let endLimitMs = 10_000

  /// - Parameters:
  ///   - program: a path.
  ///   - log: takes its standard error, behind what is there.
  ///   - output: takes its standard output; nil drops it.
  ///   - listener: becomes descriptor 3.
  init(
    _ name: String, _ program: String, _ arguments: [String], log: String, output: String? = nil, listener: Int32? = nil
  ) throws {
    self.name = name
    var launch = ProcessLaunch([program] + arguments)
    launch.output = output.map { .file($0) } ?? .nothing
    launch.errors = .file(log)
    launch.listener = listener
    pid = try launch.start()
  }

  deinit {
    kill()
    _ = waitForEnd()
  }

  /// Looks whether it has ended.
  func look() {
    if end == nil { end = ProcessLaunch.end(of: pid, waits: false) }
  }

  func kill() {
    guard end == nil else { return }
    wasKilled = true
    Glibc.kill(pid, SIGKILL)
  }

  func terminate() {
    if end == nil { Glibc.kill(pid, SIGTERM) }
  }

  /// - Returns: nil when it did not end in time.
  func waitForEnd(upToMs limitMs: Int = endLimitMs) -> ProcessEnd? {
    var waitedMs = 0
    while true {
      look()
      if end != nil || waitedMs >= limitMs { return end }
      poll(nil, 0, 1)
      waitedMs += 1
    }
  }
}
