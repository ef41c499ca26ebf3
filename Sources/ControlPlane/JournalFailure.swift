import Platform

/// The journal could not be written. Nothing was told that is not on the disk; the next dispatcher recovers from what is.
public struct JournalFailure: Error, Sendable, CustomStringConvertible {
  public let folder: String
  public let error: SystemError?

  /// The journal is not where it was: another start would begin an empty one in its place.
  public var needsAnOperator: Bool { error?.meansRemoved ?? false }

  public var description: String {
    "the journal \(folder) failed: \(error.map { "\($0)" } ?? "unknown error"); nothing was acknowledged that is not on "
      + "the disk; check the disk, then start again to continue from what it holds"
  }
}
