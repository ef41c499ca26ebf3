import CSystemd
import Platform

/// What a service says to systemd, over the socket it was given in `NOTIFY_SOCKET`.
///
/// Without systemd every call does nothing, so that a program started from a shell needs no other code path. From any
/// thread; a message is one datagram and never waits for an answer.
public enum ServiceManager {
  /// The service can be used now; those who wait for it go on.
  ///
  /// - Parameter status: one line, for people; `systemctl status` shows it.
  /// - Returns: whether the service manager was told.
  @discardableResult
  public static func ready(status: String) -> Bool {
    notify("READY=1\n" + statusLine(status))
  }

  /// What the service does now: one line, for people.
  @discardableResult
  public static func status(_ status: String) -> Bool {
    notify(statusLine(status))
  }

  /// The start takes longer: the service manager waits so long from now on.
  @discardableResult
  public static func extendStart(by time: Duration) -> Bool {
    notify("EXTEND_TIMEOUT_USEC=\(time.components.seconds &* 1_000_000)")
  }

  /// The configuration is read anew; `ready` ends it. With the time, as `Type=notify-reload` wants it.
  @discardableResult
  public static func reloading() -> Bool {
    notify("RELOADING=1\nMONOTONIC_USEC=\(Clock.monotonicNs() / 1000)")
  }

  /// The service ends by its own decision.
  @discardableResult
  public static func stopping() -> Bool {
    notify("STOPPING=1")
  }

  /// The service is well. Due twice in each `watchdogInterval`.
  @discardableResult
  public static func watchdogPing() -> Bool {
    notify("WATCHDOG=1")
  }

  /// How long the service manager waits for a ping before it kills this process; nil when it does not.
  public static var watchdogInterval: Duration? {
    var intervalUs: UInt64 = 0
    guard sd_watchdog_enabled(0, &intervalUs) > 0 else { return nil }
    return .microseconds(intervalUs)
  }

  private static func notify(_ message: String) -> Bool {
    sd_notify(0, message) > 0
  }

  /// A line break would begin another assignment.
  private static func statusLine(_ status: String) -> String {
    "STATUS=" + String(status.map { $0.isNewline ? " " : $0 })
  }
}
