import ArgumentParser
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
    var launch = ProcessLaunch(
      [Executable.own, "launch", "--parent", "\(getpid())", "--cpus", CPUList(cpus).description, "--"] + arguments)
    launch.input = input.map { .descriptor($0) } ?? .nothing
    launch.output = .descriptor(output ?? STDERR_FILENO)
    return try start(launch, name: arguments[0])
  }

  /// Starts a program at once, on any processor, to be ended by `kill`.
  static func startUnpinned(_ arguments: [String]) throws -> ChildProcess {
    var launch = ProcessLaunch(arguments)
    launch.output = .descriptor(STDERR_FILENO)
    return try start(launch, name: arguments[0])
  }

  private static func start(_ launch: ProcessLaunch, name: String) throws -> ChildProcess {
    let child = ChildProcess(pid: try launch.start())
    let thread = try NamedThread("child-watch") { child.watch(name: name) }
    thread.detach()
    return child
  }

  private func watch(name: String) {
    let end = ProcessLaunch.end(of: pid, waits: true)
    if !mayEnd.withLock({ $0 }) {
      let how = end.map { "\($0)" } ?? "is gone"
      FileHandle.standardError.write(Data("ringperf: \(name) \(how), unexpectedly\n".utf8))
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

/// Runs in a child before its program does: ties its life to the benchmark's, takes its processors, becomes the program.
struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "launch", shouldDisplay: false)

  @Option var parent: Int32
  @Option var cpus: CPUList
  @Argument(parsing: .postTerminator) var program: [String]

  func run() throws {
    try CPUList.pin(cpus.cpus)
    try ChildLauncher.launch(program, parent: parent)
  }
}

/// The programs of this build: they lie in one folder.
enum Executable {
  static let own = Machine.executablePath()

  /// - Throws: when it was not built.
  static func sibling(_ name: String) throws -> String {
    let path = Machine.sibling(name)
    guard Environment.isExecutable(path) else {
      throw BenchmarkError("\(name) is not beside \(own): build it with swift build -c release --product \(name)")
    }
    return path
  }
}

/// Why a benchmark cannot be run or its figures cannot be believed.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
