import Platform
import ServiceManager

/// Tells the service manager that the dispatcher lives, and only if its dispatch thread has really advanced.
struct Watchdog {
  private let intervalNs: UInt64?
  private var lastPingNs: UInt64 = 0
  private var lastStatusNs: UInt64 = 0
  private var lastTurns: UInt64 = 0
  private static let statusIntervalNs: UInt64 = 1_000_000_000

  init() {
    intervalNs = ServiceManager.watchdogInterval.map {
      UInt64($0.components.seconds) * 1_000_000_000 + UInt64($0.components.attoseconds / 1_000_000_000)
    }
  }

  /// How often `tick` must be called; nil when nobody watches.
  var intervalMs: Int32? {
    intervalNs.map { Int32(clamping: max($0 / 4 / 1_000_000, 1)) }
  }

  mutating func tick(turns: UInt64, status: String) {
    let nowNs = Clock.bootNs()
    if let intervalNs, turns != lastTurns, nowNs - lastPingNs >= intervalNs / 4 {
      lastTurns = turns
      lastPingNs = nowNs
      _ = ServiceManager.watchdogPing()
    }
    if nowNs - lastStatusNs >= Self.statusIntervalNs {
      lastStatusNs = nowNs
      _ = ServiceManager.status(status)
    }
  }
}
