import Glibc

/// A process that a test started: its output so far, and how it ended.
final class ChildProcess {
  enum Exit: Equatable {
    case code(Int32)
    case signal(Int32)
  }

  enum Input {
    case nothing
    case file(String)
    case descriptor(Int32)
  }

  let name: String
  let pid: pid_t
  private var outputPipe: ReadEnd
  private var errorPipe: ReadEnd
  private(set) var exit: Exit?

  /// Starts the program at `path`.
  ///
  /// - Parameters:
  ///   - output: takes its standard output; nil keeps it here.
  ///   - inherited: becomes the child's descriptor 3.
  init(
    _ path: String, _ arguments: [String], environment: [String], input: Input = .nothing, output: Int32? = nil,
    inherited: Int32? = nil
  ) throws {
    let outputEnds = try Pipe()
    let errorEnds = try Pipe()
    outputPipe = ReadEnd(outputEnds.reader)
    errorPipe = ReadEnd(errorEnds.reader)
    defer {
      close(outputEnds.writer)
      close(errorEnds.writer)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    switch input {
    case .nothing: posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    case .file(let path): posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDONLY, 0)
    case .descriptor(let descriptor): posix_spawn_file_actions_adddup2(&actions, descriptor, STDIN_FILENO)
    }
    posix_spawn_file_actions_adddup2(&actions, output ?? outputEnds.writer, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errorEnds.writer, STDERR_FILENO)
    if let inherited { posix_spawn_file_actions_adddup2(&actions, inherited, 3) }
    name = String(path.split(separator: "/").last ?? "")
    pid = try Self.spawn(path, arguments, environment, &actions)
  }

  deinit {
    if exit == nil {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    outputPipe.close()
    errorPipe.close()
  }

  var output: String { String(decoding: outputPipe.bytes, as: UTF8.self) }
  var errors: String { String(decoding: errorPipe.bytes, as: UTF8.self) }
  var outputLines: [String] { output.wholeLines }
  var errorLines: [String] { errors.wholeLines }
  var rawOutput: [UInt8] { outputPipe.bytes }

  func signal(_ number: Int32) {
    if exit == nil { kill(pid, number) }
  }

  /// Stops it with SIGSTOP and waits until every thread of it stands still: the signal alone only asks.
  func freeze() throws {
    signal(SIGSTOP)
    var information = siginfo_t()
    guard waitid(P_PID, id_t(pid), &information, WSTOPPED | WEXITED | WNOWAIT) == 0 else {
      throw SystemCallError("wait until \(name) is stopped")
    }
    guard information.si_code == CLD_STOPPED else { throw EarlyEnd(description: "\(name) ended: \(errors)") }
  }

  /// Nobody reads its standard output from now on.
  func closeOutput() {
    outputPipe.close()
  }

  /// Takes what it has written and notes whether it has ended, after waiting for either for so long at the most.
  func pump(waitMs: Int32 = 0) {
    var polls = [outputPipe, errorPipe].filter(\.isOpen).map {
      pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
    }
    poll(&polls, nfds_t(polls.count), waitMs)
    outputPipe.drain()
    errorPipe.drain()
    guard exit == nil else { return }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return }
    exit = status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
    outputPipe.drain()
    errorPipe.drain()
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String], _ actions: inout posix_spawn_file_actions_t
  ) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw SystemCallError("start \(path)", code: code) }
    return pid
  }
}

/// The end of a pipe that a test reads, and all that came through it.
private struct ReadEnd {
  private(set) var descriptor: Int32
  private(set) var bytes: [UInt8] = []

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  var isOpen: Bool { descriptor >= 0 }

  mutating func drain() {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while isOpen {
      let count = read(descriptor, &chunk, chunk.count)
      if count > 0 {
        bytes += chunk[..<count]
      } else if count == 0 {
        close()
      } else {
        return
      }
    }
  }

  mutating func close() {
    if isOpen { Glibc.close(descriptor) }
    descriptor = -1
  }
}

struct SystemCallError: Error, CustomStringConvertible {
  let description: String

  init(_ call: String, code: Int32 = errno) {
    description = "\(call): \(String(cString: strerror(code)))"
  }
}

extension String {
  /// Without a last line that has not ended.
  var wholeLines: [String] {
    split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }
}
