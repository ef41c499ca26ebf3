import CPlatform
import Glibc

extension ProcessLaunch {
  /// What a program that has ended left.
  public struct Outcome: Sendable {
    public let end: ProcessEnd
    public let output: String
    public let errors: String
  }

  /// Runs a program to its end and keeps what it prints.
  ///
  /// - Parameters:
  ///   - arguments: the path of the program, then its arguments.
  ///   - input: its standard input.
  /// - Throws: `SystemError` when it cannot be started.
  public static func run(_ arguments: [String], input: String = "") throws -> Outcome {
    let file = try memory(holding: input)
    let output = try Pipe()
    let errors = try Pipe()
    var launch = ProcessLaunch(arguments)
    launch.input = .descriptor(file.raw)
    launch.output = .descriptor(output.writer.raw)
    launch.errors = .descriptor(errors.writer.raw)
    let pid = try launch.start()
    let outputEnd = output.takeReader()
    let errorEnd = errors.takeReader()
    var polls = [outputEnd.raw, errorEnd.raw].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var texts: [[UInt8]] = [[], []]
    while polls.contains(where: { $0.fd >= 0 }) {
      guard poll(&polls, nfds_t(polls.count), -1) > 0 else { continue }
      for index in polls.indices where polls[index].revents != 0 {
        if !read(polls[index].fd, into: &texts[index]) { polls[index].fd = -1 }
      }
    }
    guard let end = end(of: pid, waits: true) else { throw SystemError.last("wait for \(arguments[0])") }
    return Outcome(
      end: end, output: String(decoding: texts[0], as: UTF8.self), errors: String(decoding: texts[1], as: UTF8.self))
  }

  /// A file without a name, to be read from its beginning.
  private static func memory(holding text: String) throws -> FileDescriptor {
    let file = FileDescriptor(owning: try checked(rm_memfd("ringmaster-input"), "create a file in memory"))
    let bytes = Array(text.utf8)
    guard bytes.isEmpty || pwrite(file.raw, bytes, bytes.count, 0) == bytes.count else {
      throw SystemError.last("write a program's input")
    }
    return file
  }

  /// - Returns: false at the end.
  private static func read(_ descriptor: Int32, into text: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count > 0 { text += chunk[..<count] }
    return count > 0 || (count < 0 && errno == EINTR)
  }
}
