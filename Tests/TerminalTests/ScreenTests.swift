import Glibc
import Platform
import Testing

@testable import Terminal

/// A pseudo-terminal: what is written to `slave` is read from `master`.
private final class PseudoTerminal {
  let master: Int32
  let slave: Int32

  /// ioctl requests that the C header defines by macros which Swift does not see.
  private static let unlock: UInt = 0x4004_5431
  private static let openPeer: UInt = 0x5441

  init() throws {
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var isLocked: Int32 = 0
    let unlocked = ioctl(master, Self.unlock, &isLocked)
    try #require(unlocked == 0)
    let slave = ioctl(master, Self.openPeer, O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    self.master = master
    self.slave = slave
    var size = winsize(ws_row: 3, ws_col: 10, ws_xpixel: 0, ws_ypixel: 0)
    let resized = ioctl(slave, UInt(TIOCSWINSZ), &size)
    try #require(resized == 0)
  }

  deinit {
    close(slave)
    close(master)
  }

  func output() -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(master, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
  }
}

@Suite(.serialized) struct ScreenTests {
  @Test func stylesNeedATerminalThatWantsThem() {
    func capabilities(_ isTerminal: Bool, _ environment: [String: String]) -> TerminalCapabilities {
      TerminalCapabilities(isTerminal: isTerminal) { environment[$0] }
    }
    #expect(capabilities(true, ["TERM": "xterm"]).showsStyles)
    #expect(capabilities(true, ["TERM": "xterm", "NO_COLOR": ""]).showsStyles)
    #expect(!capabilities(true, ["TERM": "xterm", "NO_COLOR": "1"]).showsStyles)
    #expect(capabilities(true, ["TERM": "xterm", "NO_COLOR": "1"]).movesCursor)
    #expect(!capabilities(true, ["TERM": "dumb"]).showsStyles)
    #expect(!capabilities(true, ["TERM": "dumb"]).movesCursor)
    #expect(capabilities(true, ["TERM": "dumb"]).isTerminal)
    #expect(!capabilities(true, [:]).showsStyles)
    #expect(!capabilities(false, ["TERM": "xterm"]).showsStyles)
  }

  @Test func framesAreNoCloserThanATenthOfASecond() {
    var limiter = FrameLimiter()
    let interval = FrameLimiter.minIntervalNs
    let times = [5, 5 + interval - 1, 5 + interval, 5 + interval + 1]
    let admitted = times.map { limiter.admits(nowNs: $0) }
    #expect(admitted == [true, false, true, false])
  }

  @Test func aFrameFitsTheScreen() {
    let frame = ScreenFrame.text(["abcdef", "x", "never"], size: TerminalSize(columns: 4, rows: 2))
    #expect(frame == "\u{1B}[Habc…\u{1B}[K\r\nx\u{1B}[K\u{1B}[J")
  }

  @Test func sizeIsTheTerminals() throws {
    let terminal = try PseudoTerminal()
    #expect(TerminalSize(TerminalDevice(descriptor: terminal.slave)) == TerminalSize(columns: 10, rows: 3))
    #expect(TerminalSize(TerminalDevice(descriptor: -1)) == nil)
    #expect(TerminalCapabilities(TerminalDevice(descriptor: terminal.slave)).isTerminal)
    #expect(!TerminalCapabilities(TerminalDevice(descriptor: -1)).isTerminal)
  }

  @Test func painterTakesTheScreenAndGivesItBack() throws {
    setenv("TERM", "xterm", 1)
    let terminal = try PseudoTerminal()
    if var painter = LivePainter(TerminalDevice(descriptor: terminal.slave)) {
      #expect(terminal.output() == ScreenFrame.enter)
      let isFirstShown = painter.paint(["hello"], nowNs: 1)
      #expect(isFirstShown)
      #expect(terminal.output() == "\u{1B}[Hhello\u{1B}[K\u{1B}[J")
      let isSecondShown = painter.paint(["too soon"], nowNs: 2)
      #expect(!isSecondShown)
    }
    #expect(terminal.output() == "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l")
  }

  @Test func painterNeedsATerminal() throws {
    let file = try #require(fopen("/dev/null", "w"))
    defer { fclose(file) }
    if LivePainter(TerminalDevice(descriptor: fileno(file))) != nil { Issue.record("painted on a file") }
  }

  @Test(.timeLimit(.minutes(5))) func aSignalStillEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      setenv("TERM", "xterm", 1)
      let terminal = try PseudoTerminal()
      guard let painter = LivePainter(TerminalDevice(descriptor: terminal.slave)) else { return }
      // To the process, since this thread may block signals.
      kill(getpid(), SIGTERM)
      while true { pause() }
      _ = consume painter
    }
  }
}
