import Glibc
import Synchronization

/// A process that this one started, with pipes to its standard input and output.
///
/// One thread belongs to each: it starts the process, reads its standard output and waits for its end. That thread must
/// outlive the process, because the kernel ends a process with the *thread* that started it (see `ChildLauncher`).
public final class ChildProcess: Sendable {
  public let name: String
  public let pid: Int32
  public let logPath: String
  /// What it prints, line by line; ends with it. One consumer.
  public let lines: AsyncStream<String>
  private let input: FileDescriptor
  private static let endCheckPeriod = Duration.milliseconds(10)
  private static let logTailBytes = 8192
  private let ended: Mutex<ProcessEnd?> = Mutex(nil)

  private init(
    name: String, pid: Int32, logPath: String, input: consuming FileDescriptor, lines: AsyncStream<String>
  ) {
    self.name = name
    self.pid = pid
    self.logPath = logPath
    self.input = input
    self.lines = lines
  }

  /// How it ended; nil while it runs.
  public var end: ProcessEnd? {
    ended.withLock { $0 }
  }

  /// Starts `arguments[0]`, a path, with its standard error appended to the file `logPath`. Nothing else is inherited.
  ///
  /// - Throws: `SystemError`.
  public static func start(name: String, arguments: [String], logPath: String) async throws -> ChildProcess {
    try await withCheckedThrowingContinuation { continuation in
      do {
        let thread = try NamedThread(name) {
          run(name: name, arguments: arguments, logPath: logPath) { continuation.resume(with: $0) }
        }
        thread.detach()
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Writes a line to its standard input. A process that has ended is no error here: its end is.
  public func send(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(input.raw, bytes, bytes.count)
  }

  /// Asks it to end.
  public func terminate() {
    signal(SIGTERM)
  }

  /// Ends it at once.
  public func kill() {
    signal(SIGKILL)
  }

  private func signal(_ number: Int32) {
    // Under the lock and before the end is known the pid is surely still this process's.
    ended.withLock { end in
      if end == nil { _ = Glibc.kill(pid, number) }
    }
  }

  /// Waits for its end; nil when it did not come in time.
  public func waitForEnd(upTo limit: Duration) async -> ProcessEnd? {
    let deadline = ContinuousClock.now + limit
    while end == nil, ContinuousClock.now < deadline {
      // Not cut short by cancellation: cleaning up goes on after it.
      await Task.detached { try? await Task.sleep(for: Self.endCheckPeriod) }.value
    }
    return end
  }

  /// The last lines it logged.
  public func logTail(lines count: Int = 12) -> [String] {
    let text = TextFile.tail(logPath, bytes: Self.logTailBytes)
    return text.split(separator: "\n").suffix(count).map(String.init)
  }

  // MARK: its thread

  private static func run(
    name: String, arguments: [String], logPath: String, started: (Result<ChildProcess, any Error>) -> Void
  ) {
    let (lines, continuation) = AsyncStream.makeStream(of: String.self)
    do {
      let input = try Pipe()
      let output = try Pipe()
      var launch = ProcessLaunch(arguments)
      launch.input = .descriptor(input.reader.raw)
      launch.output = .descriptor(output.writer.raw)
      launch.errors = .file(logPath)
      // Ctrl-C reaches the demo alone, which then ends its processes in order.
      launch.isGroup = true
      let pid = try launch.start()
      let child = ChildProcess(name: name, pid: pid, logPath: logPath, input: input.takeWriter(), lines: lines)
      started(.success(child))
      var reader = LineReader(descriptor: output.takeReader())
      while let line = reader.next() { continuation.yield(line) }
      continuation.finish()
      child.waitUntilEnd()
    } catch {
      started(.failure(error))
    }
  }

  private func waitUntilEnd() {
    var info = siginfo_t()
    // Waits without taking the process out of the table, so that its pid stays its own until the lock is held.
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    ended.withLock { end in
      end = ProcessLaunch.end(of: pid, waits: true)
    }
  }
}
