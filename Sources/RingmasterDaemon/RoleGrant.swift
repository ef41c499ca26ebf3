import ArgumentParser
import Dispatcher
import EventModel

/// An account that may attach in a role, as the command line has it: `control:operators`.
struct RoleGrant: ExpressibleByArgument {
  let role: Role
  /// By name or number.
  let account: String

  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, let role = Role.allCases.first(where: { $0.name == parts[0] }) else {
      return nil
    }
    self.role = role
    account = String(parts[1])
  }
}
