import EventModel

/// Why this driver cannot do what it was asked for.
public enum SystemdError: Error, CustomStringConvertible {
  /// This user may not start units.
  case forbidden(String)
  /// systemd does not answer.
  case unavailable(String)
  /// It is not on the bus now; it will be again.
  case away
  case notThere(AttemptID)

  public var description: String {
    switch self {
    case .forbidden(let text):
      "systemd does not let this user start units: \(text); run the worker as root, install polkit and a rule that allows "
        + "org.freedesktop.systemd1.manage-units, or set driver = \"process\""
    case .unavailable(let text): "systemd does not answer on the system's bus: \(text)"
    case .away: "systemd is restarting: try again"
    case .notThere(let id): "no process of \(id) runs here"
    }
  }
}
