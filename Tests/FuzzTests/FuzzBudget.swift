import Foundation

/// How long the tests of this target look for trouble: a little by default, a minute each when RINGMASTER_SOAK is 1.
/// RINGMASTER_FUZZ_SEED repeats what one of them reported.
enum FuzzBudget {
  static let isSoak = ProcessInfo.processInfo.environment["RINGMASTER_SOAK"] == "1"
  static let duration: Duration = isSoak ? .seconds(60) : .milliseconds(1200)
  static let seed = ProcessInfo.processInfo.environment["RINGMASTER_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
  /// Inputs between two looks at the clock.
  private static let batch = 64

  /// Calls `body` with the numbers from 0 until the time is up or it returns false. Returns how often it did.
  @discardableResult
  static func spend(_ body: (Int) throws -> Bool) rethrows -> Int {
    let clock = ContinuousClock()
    let deadline = clock.now + duration
    var number = 0
    while number % batch != 0 || clock.now < deadline {
      guard try body(number) else { break }
      number += 1
    }
    return number
  }
}
