import Glibc
import Platform

/// A process that a test started: its output so far, and how it ended.
final class ChildProcess {
  typealias Exit = ProcessEnd

  typealias Input = ProcessLaunch.Stream

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
    var launch = ProcessLaunch([path] + arguments)
    launch.environment = environment
    launch.input = input
    launch.output = .descriptor(output ?? outputEnds.writer)
    launch.errors = .descriptor(errorEnds.writer)
    launch.listener = inherited
    name = String(path.split(separator: "/").last ?? "")
    pid = try launch.start()
  }

  deinit {
    if exit == nil {
      kill(pid, SIGKILL)
      _ = ProcessLaunch.end(of: pid, waits: true)
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
    exit = ProcessLaunch.end(of: pid, waits: false)
    guard exit != nil else { return }
    outputPipe.drain()
    errorPipe.drain()
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
