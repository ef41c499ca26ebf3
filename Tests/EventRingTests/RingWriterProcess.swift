import Glibc
import Platform

/// The program `ringwriter`, beside the test runner.
enum RingWriterProcess {
  /// - Parameters:
  ///   - number: of its first record.
  ///   - lifetimeUs: after which it kills itself, unless there is an end.
  ///   - end: the number it stops before.
  /// - Returns: its process id.
  static func start(ring: String, number: UInt64, lifetimeUs: UInt64, end: UInt64? = nil) throws -> pid_t {
    let folder = Machine.executablePath().split(separator: "/").dropLast().joined(separator: "/")
    let path = "/\(folder)/ringwriter"
    let words = [path, ring, "\(number)", "\(lifetimeUs)"] + (end.map { ["\($0)"] } ?? [])
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let error = posix_spawn(&child, path, nil, nil, &arguments, environ)
    guard error == 0 else { throw SystemError("start \(path)", code: error) }
    return child
  }
}
