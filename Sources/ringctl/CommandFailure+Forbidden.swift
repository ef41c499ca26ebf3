import Platform
import Telemetry

/// What this user may not read, as opposed to what is not there.
extension CommandFailure {
  /// - Parameters:
  ///   - group: whose members may, where Ringmaster is installed.
  ///   - alternative: another one.
  /// - Throws: `CommandFailure` that says how to come to it, when this user may not read `path`.
  static func checkReadable(_ path: String, group: String, or alternative: String? = nil) throws {
    guard File.isForbidden(path) else { return }
    let user = Machine.userName(Machine.effectiveUserID())
    let way =
      path.hasPrefix(InstalledService.stateFolder) && InstalledService.isThere
      ? "\"usermod -aG \(group) \(user)\"\(alternative.map { ", or \($0)" } ?? ""), and log in again" : askingOwner
    throw CommandFailure("user \(user) may not read \(path): \(way)")
  }

  static let askingOwner = "ask its owner, or run as that user"

  /// Why the counters of a process cannot be read.
  static func complaint(_ error: any Error, counters process: String) -> String {
    let user = Machine.userName(Machine.effectiveUserID())
    switch error {
    case let foreign as ForeignObject where foreign.isOfAnotherUser:
      let owner = Machine.userName(foreign.owner)
      return "\(process): its counters are of user \(owner), and anybody can make some: run as that user, or "
        + "name the control socket of its dispatcher with RINGMASTER_SOCKET"
    case let error as SystemError where error.meansForbidden:
      let way = InstalledService.isThere ? InstalledService.joining(user) : askingOwner
      return "\(process): user \(user) may not read its counters: \(way)"
    default: return "\(process): \(error)"
    }
  }
}
