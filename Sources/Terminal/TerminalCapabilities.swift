import Platform

/// What a stream that people may be looking at can show.
public struct TerminalCapabilities: Hashable, Sendable {
  /// The stream is a terminal, and not a file or a pipe.
  public let isTerminal: Bool
  /// Colours and weights may be used: it is a terminal, not a dumb one, and NO_COLOR is not set.
  public let showsStyles: Bool
  /// The cursor can be moved: it is a terminal, and not a dumb one.
  public let movesCursor: Bool

  /// `environment` looks up one environment variable.
  public init(isTerminal: Bool, environment: (String) -> String?) {
    let isDumb = environment("TERM").map { $0.isEmpty || $0 == "dumb" } ?? true
    // no-color.org: set to anything but the empty string.
    let refusesColor = environment("NO_COLOR").map { !$0.isEmpty } ?? false
    self.isTerminal = isTerminal
    movesCursor = isTerminal && !isDumb
    showsStyles = movesCursor && !refusesColor
  }

  /// The capabilities of an open stream of this process; standard output unless said.
  public init(_ device: TerminalDevice = .standardOutput) {
    self.init(isTerminal: device.isTerminal) { Environment.value($0) }
  }
}

/// The size of a terminal, in character cells.
public struct TerminalSize: Hashable, Sendable {
  public let columns: Int
  public let rows: Int

  /// What is assumed of a stream that has no size.
  public static let standard = TerminalSize(columns: 80, rows: 24)

  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// Asks the terminal; nil for a stream that has no size. People resize windows, so ask again before each frame.
  public init?(_ device: TerminalDevice = .standardOutput) {
    guard let size = device.size else { return nil }
    self.init(columns: size.columns, rows: size.rows)
  }
}
