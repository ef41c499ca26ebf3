import EventModel
import Platform
import Telemetry

/// Who may attach in which role. The kernel vouches for the user and the groups of whoever connected; everybody who is not
/// named here is refused. Root and the dispatcher's own user may attach in every role.
public struct AccessPolicy: Sendable, Hashable {
  /// Those that a role is given to.
  public struct Members: Sendable, Hashable {
    public var users: Set<UInt32> = []
    /// Groups, primary or supplementary, whose members are meant.
    public var groups: Set<UInt32> = []
    /// As the settings name these groups, in that order, for those who ask what they have to join.
    public var groupNames: [String] = []

    public init() {}

    func contains(_ credentials: PacketSocket.Credentials) -> Bool {
      users.contains(credentials.uid) || groups.contains(credentials.gid)
        || !groups.isDisjoint(with: credentials.groups)
    }
  }

  public var ingest = Members()
  /// They may attach in the other roles too.
  public var control = Members()
  public var observe = Members()
  public var worker = Members()

  public init() {}

  /// Who may read the dispatcher's counters: whoever may ask it.
  package var counterReaders: CounterReaders {
    CounterReaders(users: control.users.union(observe.users), groups: control.groups.union(observe.groups))
  }

  package func roles(of credentials: PacketSocket.Credentials) -> Set<Role> {
    if credentials.uid == 0 || credentials.uid == Machine.effectiveUserID() { return Set(Role.allCases) }
    var roles: Set<Role> = []
    if ingest.contains(credentials) { roles.insert(.ingest) }
    if control.contains(credentials) { roles.formUnion(Role.allCases) }
    if observe.contains(credentials) { roles.insert(.observe) }
    if worker.contains(credentials) { roles.insert(.worker) }
    return roles
  }

  /// Why `credentials` may not attach in `role`, or, when it is nil, in any; nil when they may.
  package func refusal(_ credentials: PacketSocket.Credentials, as role: Role?) -> String? {
    let roles = roles(of: credentials)
    guard let role else {
      guard roles.isEmpty else { return nil }
      return "user \(credentials.uid) may not attach: the settings in [access] give no role to it or to a group of it"
        + joining(control.groupNames + observe.groupNames)
    }
    if roles.contains(role) { return nil }
    let others = roles.isEmpty ? "" : ", only to " + roles.map(\.name).sorted().joined(separator: " or ")
    return
      "user \(credentials.uid) may not attach to \(role.name)\(others): access.\(role.name)_users does not name it, nor "
      + "access.\(role.name)_groups a group of it" + joining(self[role].groupNames)
  }

  private subscript(role: Role) -> Members {
    switch role {
    case .ingest: ingest
    case .control: control
    case .observe: observe
    case .worker: worker
    }
  }

  /// What an administrator may do about it.
  private func joining(_ groups: [String]) -> String {
    guard let first = groups.first else { return "" }
    let others = groups.dropFirst().isEmpty ? "" : ", or another of " + groups.dropFirst().joined(separator: ", ")
    return "; to join one: usermod -aG \(first) USER\(others), and log in again"
  }
}
