import Glibc

/// Standard output or error, a whole line at a time and at once: readers on a pipe wait for lines.
public struct StandardStream: Sendable {
  let descriptor: Int32

  public static let output = StandardStream(descriptor: STDOUT_FILENO)
  public static let error = StandardStream(descriptor: STDERR_FILENO)

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
