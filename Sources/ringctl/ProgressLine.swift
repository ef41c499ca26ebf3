import Platform
import Terminal

/// One line on standard error that says how far a long command is, drawn over itself; nothing when that is no terminal.
struct ProgressLine {
  private let device: TerminalDevice?
  private var limiter = FrameLimiter()
  private var isDrawn = false

  private static let barColumns = 24

  init() {
    let device = TerminalDevice.standardError
    self.device = TerminalCapabilities(device).movesCursor ? device : nil
    // The first frame comes after a while: what is quick needs none.
    _ = limiter.admits(nowNs: Clock.monotonicNs())
  }

  mutating func show(_ fraction: Double, _ text: @autoclosure () -> String) {
    guard let device, limiter.admits(nowNs: Clock.monotonicNs()) else { return }
    let columns = TerminalSize(device)?.columns ?? TerminalSize.standard.columns
    let line = "\(Bar.text(fraction: fraction, columns: Self.barColumns)) \(HumanNumber.percent(fraction))  \(text())"
    device.write("\r" + line.clipped(toColumns: columns - 1) + "\u{1B}[K")
    isDrawn = true
  }

  /// Takes the line away.
  mutating func clear() {
    if isDrawn { device?.write("\r\u{1B}[K") }
    isDrawn = false
  }
}
