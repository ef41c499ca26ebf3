import CRingmaster
import Foundation
import Platform
import Synchronization

/// A process of this benchmark's own. If it ends before it is asked to, so does the benchmark: its figures would be
/// worth nothing, and the side that waits for it would wait for ever.
final class ChildProcess: Sendable {
  let pid: Int32
  private let mayEnd = Mutex(false)
  private let ended = DispatchSemaphore(value: 0)

  private init(pid: Int32) {
    self.pid = pid
  }

  /// Starts a program, which the kernel ends with this process.
  ///
  /// - Parameters:
  ///   - arguments: the path of the program, then its arguments.
  ///   - input: its standard input; nil for none.
  ///   - output: its standard output; nil to share this process's standard error.
  ///   - cpus: that it and all its threads may use.
  static func start(
    _ arguments: [String], input: Int32? = nil, output: Int32? = nil, cpus: [Int]
  ) throws -> ChildProcess {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output ?? STDERR_FILENO, STDOUT_FILENO)
    let launch =
      [Executable.own, "launch", "--parent", "\(getpid())", "--cpus", CPUList(cpus).description, "--"] + arguments
    return try spawn(Executable.own, launch, &actions, name: arguments[0])
  }

  /// Starts a program at once, on any processor, to be ended by `kill`.
  static func startUnpinned(_ arguments: [String]) throws -> ChildProcess {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    return try spawn(arguments[0], arguments, &actions, name: arguments[0])
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ actions: inout posix_spawn_file_actions_t, name: String
  ) throws -> ChildProcess {
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, nil, &words, environ)
    guard code == 0 else { throw SystemError("start \(name)", code: code) }
    let child = ChildProcess(pid: pid)
    let thread = try NamedThread("child-watch") { child.watch(name: name) }
    thread.detach()
    return child
  }

  private func watch(name: String) {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    if !mayEnd.withLock({ $0 }) {
      FileHandle.standardError.write(Data("ringperf: \(name) ended unexpectedly (status \(status))\n".utf8))
      ObjectNames.unlinkAll()
      exit(EXIT_FAILURE)
    }
    ended.signal()
  }

  /// Waits for a process that has been told to end by other means.
  func waitForEnd() {
    mayEnd.withLock { $0 = true }
    ended.wait()
  }

  /// Ends it at once and waits until it has.
  func kill() {
    mayEnd.withLock { $0 = true }
    Foundation.kill(pid, SIGKILL)
    ended.wait()
  }

  /// Asks it to end and waits until it has.
  func terminate() {
    mayEnd.withLock { $0 = true }
    Foundation.kill(pid, SIGTERM)
    ended.wait()
  }
}
