import Glibc

/// A process of a round: started, killed, waited for by the one thread of the torture.
final class RoleProcess {
  enum End: Equatable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    var description: String {
      switch self {
      case .code(let code): "exited with code \(code)"
      case .signal(let number): "was ended by signal \(number)"
      }
    }
  }

  let name: String
  let pid: pid_t
  private(set) var end: End?
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
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let append = O_WRONLY | O_CREAT | O_APPEND
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output ?? "/dev/null", append, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, append, 0o600)
    if let listener { posix_spawn_file_actions_adddup2(&actions, listener, 3) }
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var made: pid_t = 0
    let code = posix_spawn(&made, program, &actions, nil, &words, environ)
    guard code == 0 else { throw TortureError("start \(program)", code: code) }
    pid = made
  }

  deinit {
    kill()
    _ = waitForEnd()
  }

  /// Looks whether it has ended.
  func look() {
    guard end == nil else { return }
    var status: Int32 = 0
    if waitpid(pid, &status, WNOHANG) == pid { note(status) }
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
  func waitForEnd(upToMs limitMs: Int = endLimitMs) -> End? {
    var waitedMs = 0
    while true {
      look()
      if end != nil || waitedMs >= limitMs { return end }
      poll(nil, 0, 1)
      waitedMs += 1
    }
  }

  private func note(_ status: Int32) {
    end = status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
  }
}
