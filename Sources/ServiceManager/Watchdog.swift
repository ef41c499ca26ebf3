import Platform

/// Tells the service manager that a service lives, and only if what it is there for has really advanced.
public struct Watchdog: Sendable {
  private let intervalNs: UInt64?
  /// Somebody wants to hear how it is.
  private let hasListener = Environment.value("NOTIFY_SOCKET") != nil
  private var lastPingNs: UInt64 = 0
  private var lastStatusNs: UInt64 = 0
  private var lastTurns: UInt64 = 0
  private static let statusIntervalNs: UInt64 = 1_000_000_000

  public init() {
    intervalNs = ServiceManager.watchdogInterval.map {
      UInt64($0.components.seconds) * 1_000_000_000 + UInt64($0.components.attoseconds / 1_000_000_000)
    }
  }

  /// How often `tick` must be called; nil when nobody watches.
  public var intervalMs: Int32? {
    intervalNs.map { Int32(clamping: max($0 / 4 / 1_000_000, 1)) }
  }

  /// - Parameters:
  ///   - turns: grows while the service is well.
  ///   - status: one line, for people.
  /// - Returns: false when it is time to say that the service lives, and it has not advanced: wake it if it may sleep.
  @discardableResult
  public mutating func tick(turns: UInt64, status: @autoclosure () -> String) -> Bool {
    let nowNs = Clock.bootNs()
    var hasAdvanced = true
    if let intervalNs, nowNs - lastPingNs >= intervalNs / 4 {
      hasAdvanced = turns != lastTurns
      if hasAdvanced {
        lastTurns = turns
        lastPingNs = nowNs
        _ = ServiceManager.watchdogPing()
      }
    }
    if hasListener, nowNs - lastStatusNs >= Self.statusIntervalNs {
      lastStatusNs = nowNs
      _ = ServiceManager.status(status())
    }
    return hasAdvanced
  }
}
