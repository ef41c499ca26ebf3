/// What one user's peers may take up, so that enough is left for all others. Root and the dispatcher's own user have no limit.
public struct UserLimits: Sendable, Hashable {
  /// Attached at the same time.
  public var peers = 256
  /// Of shared memory, in bytes.
  public var ringBytes = 512 << 20
  /// Each is two records in the journal and two lines in the log. So many may come at once.
  public var attachesPerMinute = 600

  public init() {}
}
