import Glibc
import Synchronization

/// A stream of this process that may be a terminal.
public struct TerminalDevice: Hashable, Sendable {
  private let descriptor: Int32

  public static let standardOutput = TerminalDevice(descriptor: STDOUT_FILENO)
  public static let standardError = TerminalDevice(descriptor: STDERR_FILENO)

  public init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  public var isTerminal: Bool {
    isatty(descriptor) == 1
  }

  /// In character cells; nil for a stream that has no size.
  public var size: (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Writes it all, or gives up on a terminal that is gone.
  public func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }

  // MARK: Giving the screen back

  private static let endingSignals = [SIGINT, SIGTERM, SIGHUP]
  private static let noDescriptor: Int32 = -1
  private static let armedDescriptor = Atomic<Int32>(noDescriptor)

  /// Registering the same function at every screen would run it as often.
  private static let exitHook: Void = {
    _ = atexit { TerminalDevice.restoreScreen() }
  }()

  /// Has the terminal leave the alternate screen and show its cursor when the process exits or a signal ends it. One
  /// device at a time. A signal that somebody handles keeps its handler.
  public func restoreScreenAtExit() {
    _ = Self.exitHook
    let (isFirst, _) = Self.armedDescriptor.compareExchange(
      expected: Self.noDescriptor, desired: descriptor, ordering: .sequentiallyConsistent)
    precondition(isFirst, "one live screen at a time")
    for signalNumber in Self.endingSignals where Self.isDefault(signalNumber) {
      signal(signalNumber) { number in
        TerminalDevice.restoreScreen()
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  /// Does it now. Nothing but an exchange of an atomic and a write of a constant, so a signal handler may call it; safe to
  /// call twice.
  public static func restoreScreen() {
    let descriptor = armedDescriptor.exchange(noDescriptor, ordering: .sequentiallyConsistent)
    guard descriptor != noDescriptor else { return }
    let leave: StaticString = "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"
    _ = Glibc.write(descriptor, leave.utf8Start, leave.utf8CodeUnitCount)
  }

  private static func isDefault(_ signalNumber: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signalNumber, nil, &action) == 0 else { return false }
    return action.__sigaction_handler.sa_handler == nil
  }
}
