import Glibc

/// Standard output or error, a whole line at a time and at once: readers on a pipe wait for lines.
public struct StandardStream: Sendable {
  let descriptor: Int32

  public static let output = StandardStream(descriptor: STDOUT_FILENO)
  public static let error = StandardStream(descriptor: STDERR_FILENO)

  /// Has standard input, output and error lead nowhere where they are closed, so that nothing that is opened later is taken for
  /// them. Call it first of all.
  public static func openClosedOnes() {
    // The kernel gives the lowest number that is free.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// The same, but given up where nobody reads and the process is to stop.
  ///
  /// - Parameter stopDescriptor: readable then.
  public func writeLine(_ line: String, unlessStoppedBy stopDescriptor: Int32) throws {
    while !PollSet.waitWritable(descriptor, timeoutMs: 0) {
      if Poll.readable([stopDescriptor], timeoutMs: 0)[0] { return }
      PollSet.waitWritable(descriptor, timeoutMs: Self.lookMs)
    }
    try writeLine(line)
  }

  /// Between two looks at whether to stop.
  private static let lookMs: Int32 = 100

  /// - Throws: `SystemError` when nobody takes it any more.
  public func writeLine(_ line: String) throws {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        let error = SystemError.last("write a line")
        guard error.code == EINTR else { throw error }
      } else {
        rest = rest.dropFirst(count)
      }
    }
  }
}
