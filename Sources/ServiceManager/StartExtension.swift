import Platform

/// Lets the service manager wait while a start makes progress: told at most once in some seconds, however often it is called.
public struct StartExtension: Sendable {
  private var calls: UInt32 = 0
  private var toldNs: UInt64

  /// Between two looks at the clock.
  private static let callsBetweenLooks: UInt32 = 256
  private static let periodNs: UInt64 = 5_000_000_000
  /// Longer than any step of a start that makes no progress to be seen.
  private static let time = Duration.seconds(120)

  public init() {
    toldNs = Clock.monotonicNs()
  }

  /// The start has come further.
  public mutating func noteProgress() {
    calls &+= 1
    guard calls % Self.callsBetweenLooks == 0 else { return }
    noteProgress(nowNs: Clock.monotonicNs())
  }

  /// - Parameter nowNs: by the monotonic clock.
  mutating func noteProgress(nowNs: UInt64) {
    guard nowNs &- toldNs >= Self.periodNs else { return }
    toldNs = nowNs
    ServiceManager.extendStart(by: Self.time)
  }
}
