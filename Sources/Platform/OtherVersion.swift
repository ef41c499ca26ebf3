/// Something of a format that a program of another version uses. Nothing is wrong with it: it is neither damaged nor to be
/// salvaged.
public struct OtherVersion: Error, Hashable, Sendable, CustomStringConvertible {
  /// What has the format: the path of a file, "the client".
  public var subject: String
  /// What has that version: the format, or something else in the file.
  public let part: String
  public let found: UInt32
  /// What this program reads.
  public let supported: ClosedRange<UInt32>
  /// What to do when no program of that version is wanted.
  public let alternative: String

  /// - Parameter alternative: goes on behind "use a newer Ringmaster for it, or ".
  public init(
    _ subject: String, part: String = "format", found: UInt32, supported: ClosedRange<UInt32>, alternative: String
  ) {
    self.subject = subject
    self.part = part
    self.found = found
    self.supported = supported
    self.alternative = alternative
  }

  public var isNewer: Bool { found > supported.upperBound }

  /// The one word for it.
  public var age: String { isNewer ? "newer" : "older" }

  public var description: String {
    let versions =
      supported.count == 1
      ? "version \(supported.lowerBound)" : "versions \(supported.lowerBound) to \(supported.upperBound)"
    let program = isNewer ? "a newer Ringmaster" : "the older Ringmaster that wrote it"
    return "\(subject) has \(part) version \(found), which is \(age) than this program: it reads \(versions); "
      + "use \(program), or \(alternative)"
  }

  /// About the same thing where it came from.
  public func about(_ subject: String) -> OtherVersion {
    var other = self
    other.subject = subject
    return other
  }
}
