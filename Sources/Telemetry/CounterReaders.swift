/// Who may read the counters of a process, beside the user that it runs as, and root.
public struct CounterReaders: Sendable, Hashable {
  public var users: Set<UInt32>
  public var groups: Set<UInt32>

  public var isEmpty: Bool { users.isEmpty && groups.isEmpty }

  public init(users: Set<UInt32> = [], groups: Set<UInt32> = []) {
    self.users = users
    self.groups = groups
  }
}
