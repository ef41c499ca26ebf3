import Platform

/// Repaints a full screen of text in place, at most ten times a second.
///
/// While it lives the terminal shows the alternate screen without a cursor; when it goes, also by SIGINT, SIGTERM or
/// SIGHUP, the screen is as before. One at a time, on one thread.
public struct LivePainter: ~Copyable {
  private let device: TerminalDevice
  private var limiter = FrameLimiter()

  /// nil when the stream cannot move its cursor: print plain lines then.
  public init?(_ device: TerminalDevice = .standardOutput) {
    guard TerminalCapabilities(device).movesCursor else { return nil }
    self.device = device
    device.restoreScreenAtExit()
    device.write(ScreenFrame.enter)
  }

  deinit {
    TerminalDevice.restoreScreen()
  }

  /// Shows `lines` from the top, cut to the size of the terminal. Returns false, having shown nothing, when the last frame
  /// is less than a tenth of a second old. `nowNs` is any clock that only goes forward.
  @discardableResult
  public mutating func paint(_ lines: [String], nowNs: UInt64) -> Bool {
    guard limiter.admits(nowNs: nowNs) else { return false }
    device.write(ScreenFrame.text(lines, size: TerminalSize(device) ?? .standard))
    return true
  }
}

/// Admits one frame an interval.
public struct FrameLimiter: Sendable {
  public static let minIntervalNs: UInt64 = 100_000_000

  private var lastNs: UInt64?

  public init() {}

  public mutating func admits(nowNs: UInt64) -> Bool {
    if let lastNs, nowNs < lastNs + Self.minIntervalNs { return false }
    lastNs = nowNs
    return true
  }
}

/// The control sequences of a full-screen frame.
public enum ScreenFrame {
  static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J"

  /// One frame: each line over the old one, the rest of it erased, and everything below. It never scrolls.
  public static func text(_ lines: [String], size: TerminalSize) -> String {
    var frame = "\u{1B}[H"
    for (row, line) in lines.prefix(size.rows).enumerated() {
      if row > 0 { frame += "\r\n" }
      frame += line.clipped(toColumns: size.columns) + "\u{1B}[K"
    }
    return frame + "\u{1B}[J"
  }
}
