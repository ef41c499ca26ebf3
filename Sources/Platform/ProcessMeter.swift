import Glibc

/// The share of one processor that a process used since it was last asked.
public struct ProcessMeter: Sendable {
  private let pid: Int32
  private var lastTicks: UInt64?
  private var lastNs: UInt64 = 0
  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
  // In /proc/PID/stat, counted behind the name in parentheses.
  private static let userTicksField = 11
  private static let systemTicksField = 12

  public init(pid: Int32) {
    self.pid = pid
  }

  /// nil the first time, and when there is no such process.
  public mutating func cpuShare(nowNs: UInt64) -> Double? {
    let text = TextFile.head("/proc/\(pid)/stat")
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > Self.systemTicksField, let user = UInt64(fields[Self.userTicksField]),
      let system = UInt64(fields[Self.systemTicksField])
    else { return nil }
    let ticks = user + system
    defer { (lastTicks, lastNs) = (ticks, nowNs) }
    guard let lastTicks, nowNs > lastNs, ticks >= lastTicks else { return nil }
    return Double(ticks - lastTicks) / Self.ticksPerSecond / (Double(nowNs - lastNs) / 1e9)
  }
}
