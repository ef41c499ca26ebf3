import Glibc

/// Starts a program with its three standard streams and nothing else inherited.
enum SpawnedProcess {
  /// - Parameter arguments: the path of the program, then its arguments.
  /// - Returns: the pid.
  static func spawn(_ arguments: [String], input: Int32, output: Int32, errorPath: String) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errorPath, flags, 0o600)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: the terminal's Ctrl-C reaches the demo alone, which then ends its processes in order. And no
    // inherited signal mask or ignored signals.
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, arguments[0], &actions, &attributes, &words, environ)
    guard code == 0 else { throw SystemError("start \(arguments[0])", code: code) }
    return pid
  }
}

/// Both ends of a pipe, closed on exec.
struct Pipe: ~Copyable {
  let reader: FileDescriptor
  let writer: FileDescriptor

  init() throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError.last("create a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    reader = FileDescriptor(owning: ends[0])
    writer = FileDescriptor(owning: ends[1])
  }

  consuming func takeReader() -> FileDescriptor {
    reader
  }

  consuming func takeWriter() -> FileDescriptor {
    writer
  }
}

/// Reads a pipe line by line.
struct LineReader: ~Copyable {
  private let descriptor: FileDescriptor
  private var buffer: [UInt8] = []

  init(descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }

  /// The next line without its end; nil when the other side has closed.
  mutating func next() -> String? {
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line
      }
      let count = read(descriptor.raw, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      buffer += chunk[..<count]
    }
  }
}
