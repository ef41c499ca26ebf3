import Glibc

/// A call to the operating system that failed: what was tried, the error number, and what the caller may do about it.
public struct SystemError: Error, Sendable, CustomStringConvertible {
  public let operation: String
  /// As `errno` names them, positive.
  public let code: Int32
  public let advice: String?

  public init(_ operation: String, code: Int32, advice: String? = nil) {
    self.operation = operation
    self.code = code
    self.advice = advice
  }

  /// The error that `errno` holds now.
  public static func last(_ operation: String, advice: String? = nil) -> SystemError {
    SystemError(operation, code: errno, advice: advice)
  }

  public var description: String {
    let reason = String(cString: strerror(code))
    guard let advice else { return "\(operation): \(reason)" }
    return "\(operation): \(reason); \(advice)"
  }
}

/// Turns the `-errno` convention of `ringmaster.h` into a thrown error.
@inline(__always)
func checked<T: BinaryInteger>(_ result: T, _ operation: @autoclosure () -> String, advice: String? = nil) throws -> T {
  if result < 0 { throw SystemError(operation(), code: -Int32(truncatingIfNeeded: result), advice: advice) }
  return result
}
