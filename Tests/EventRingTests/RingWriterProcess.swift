import Platform

/// The program `ringwriter`, beside the test runner.
enum RingWriterProcess {
  /// - Parameters:
  ///   - number: of its first record.
  ///   - lifetimeUs: after which it kills itself, unless there is an end.
  ///   - end: the number it stops before.
  /// - Returns: its process id.
  static func start(ring: String, number: UInt64, lifetimeUs: UInt64, end: UInt64? = nil) throws -> Int32 {
    let words = [Machine.sibling("ringwriter"), ring, "\(number)", "\(lifetimeUs)"]
    return try ProcessLaunch(words + (end.map { ["\($0)"] } ?? [])).start()
  }
}
