import Glibc

/// How a process came to its end.
public enum ProcessEnd: Hashable, Sendable, CustomStringConvertible {
  case code(Int32)
  case signal(Int32)

  /// - Parameter status: as `waitpid` gives it, of a process that has ended.
  public init(status: Int32) {
    let signal = status & 0x7F
    self = signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
  }

  public var description: String {
    switch self {
    case .code(let code): "exited with code \(code)"
    case .signal(let number): "was ended by signal \(number)"
    }
  }
}

/// A program to start: with three standard streams, no descriptor that is closed on exec, no signal blocked and none ignored.
public struct ProcessLaunch: Sendable {
  /// Where a standard stream of the process leads.
  public enum Stream: Sendable {
    /// Where this process's own one leads.
    case shared
    case nothing
    /// Standard input reads it, the others append to it; a link is not followed.
    case file(String)
    /// Stays its owner's.
    case descriptor(Int32)
  }

  /// The path of the program, then its arguments.
  public var arguments: [String]
  public var input = Stream.nothing
  public var output = Stream.shared
  public var errors = Stream.shared
  /// `NAME=value` each; nil for those of this process.
  public var environment: [String]?
  /// Becomes descriptor 3.
  public var listener: Int32?
  /// In a group of its own, that the terminal's Ctrl-C does not reach.
  public var isGroup = false

  public init(_ arguments: [String]) {
    self.arguments = arguments
  }

  /// - Returns: the pid; to wait for the process is its caller's.
  /// - Throws: `SystemError`.
  public func start() throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, stream) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
      let flags = number == STDIN_FILENO ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
      switch stream {
      case .shared: posix_spawn_file_actions_adddup2(&actions, number, number)
      case .nothing: posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
      case .file(let path): posix_spawn_file_actions_addopen(&actions, number, path, flags, 0o600)
      case .descriptor(let descriptor): posix_spawn_file_actions_adddup2(&actions, descriptor, number)
      }
    }
    if let listener { posix_spawn_file_actions_adddup2(&actions, listener, 3) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    prepare(&attributes)

    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? []).map { strdup($0) } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var pid: pid_t = 0
    let code =
      environment == nil
      ? posix_spawn(&pid, arguments[0], &actions, &attributes, &words, environ)
      : posix_spawn(&pid, arguments[0], &actions, &attributes, &words, &variables)
    guard code == 0 else { throw SystemError("start \(arguments[0])", code: code) }
    return pid
  }

  private func prepare(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    if isGroup {
      posix_spawnattr_setpgroup(&attributes, 0)
      flags |= POSIX_SPAWN_SETPGROUP
    }
    posix_spawnattr_setflags(&attributes, Int16(flags))
  }

  /// Waits for the end of a process that this one started.
  ///
  /// - Parameter waits: false only looks.
  /// - Returns: nil when it has not ended yet.
  public static func end(of pid: Int32, waits: Bool) -> ProcessEnd? {
    var status: Int32 = 0
    while true {
      let ended = waitpid(pid, &status, waits ? 0 : WNOHANG)
      if ended < 0, errno == EINTR { continue }
      return ended == pid ? ProcessEnd(status: status) : nil
    }
  }
}
