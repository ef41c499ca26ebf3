import Platform

/// Who may attach. The kernel vouches for the user and group of whoever connected; everybody not named here is refused.
public struct AccessPolicy: Sendable, Hashable {
  /// Users beside root and the dispatcher's own.
  public var users: Set<UInt32> = []
  /// Groups, primary or supplementary, whose members may attach.
  public var groups: Set<UInt32> = []

  public init() {}

  /// Why `credentials` may not attach; nil when they may.
  func refusal(_ credentials: PacketSocket.Credentials) -> String? {
    let uid = credentials.uid
    if uid == 0 || uid == Machine.effectiveUserID() || users.contains(uid) { return nil }
    if groups.contains(credentials.gid) || !groups.isDisjoint(with: credentials.groups) { return nil }
    return "user \(uid) may not attach: allow it with --allow-user, or one of its groups with --allow-group"
  }
}
