import DispatcherSettings
import EventModel
import Platform

/// Who may attach in which role, by the names of accounts.
public struct AccessChoice: Sendable, Hashable {
  public struct Members: Sendable, Hashable {
    /// By name or number.
    public var users: [String] = []
    /// By name or number.
    public var groups: [String] = []

    public init() {}
  }

  public var ingest = Members()
  public var control = Members()
  public var observe = Members()
  public var worker = Members()

  public init() {}

  public subscript(role: Role) -> Members {
    get {
      switch role {
      case .ingest: ingest
      case .control: control
      case .observe: observe
      case .worker: worker
      }
    }
    set {
      switch role {
      case .ingest: ingest = newValue
      case .control: control = newValue
      case .observe: observe = newValue
      case .worker: worker = newValue
      }
    }
  }

  /// The same by the numbers that this machine has for them.
  func policy(_ problems: inout [ConfigurationProblem]) -> AccessPolicy {
    var policy = AccessPolicy()
    policy.ingest = ingest.numbers(.ingest, &problems)
    policy.control = control.numbers(.control, &problems)
    policy.observe = observe.numbers(.observe, &problems)
    policy.worker = worker.numbers(.worker, &problems)
    return policy
  }
}

extension AccessChoice.Members {
  fileprivate func numbers(_ role: Role, _ problems: inout [ConfigurationProblem]) -> AccessPolicy.Members {
    var members = AccessPolicy.Members()
    members.users = Self.numbers(of: users, "user", role, Machine.userID, &problems)
    members.groups = Self.numbers(of: groups, "group", role, Machine.groupID, &problems)
    members.groupNames = groups
    return members
  }

  private static func numbers(
    of names: [String], _ kind: String, _ role: Role, _ lookUp: (String) -> UInt32?,
    _ problems: inout [ConfigurationProblem]
  ) -> Set<UInt32> {
    var numbers: Set<UInt32> = []
    for name in names {
      if let number = lookUp(name) {
        numbers.insert(number)
      } else {
        problems.append(
          ConfigurationProblem(
            key: "access.\(role.name)_\(kind)s", expected: "a \(kind) of this machine, by name or number",
            came: "\"\(name)\""))
      }
    }
    return numbers
  }
}

extension Role {
  /// What it is for, as settings explain it.
  var meaning: String {
    switch self {
    case .ingest: "they bring heartbeats and reports"
    case .control: "they submit, cancel and act as operators, and may do what the other roles may"
    case .observe: "they ask and watch, and change nothing"
    case .worker: "each speaks for the worker of its name alone"
    }
  }
}
