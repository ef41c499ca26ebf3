import Terminal
import Testing

@Suite struct TextTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("😀", 2), ("❤️", 2), ("👩‍👩‍👧", 2), ("한", 2), ("ｱ", 1),
    ("→█", 2),
    ("\u{1B}[31mred\u{1B}[0m", 3), ("a\u{200D}", 1),
  ])
  func widthIsWhatATerminalShows(_ text: String, _ width: Int) {
    #expect(text.displayWidth == width)
  }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abcd", 1, "…"), ("abcd", 0, ""), ("漢字漢", 4, "漢…"), ("漢字", 2, "…"),
    ("\u{1B}[1mabcd\u{1B}[0m", 3, "\u{1B}[1mab…\u{1B}[0m"), ("\u{1B}[1mabc\u{1B}[0m", 3, "\u{1B}[1mabc\u{1B}[0m"),
  ])
  func clippingFitsAndClosesStyles(_ text: String, _ columns: Int, _ clipped: String) {
    #expect(text.clipped(toColumns: columns) == clipped)
    #expect(text.clipped(toColumns: columns).displayWidth <= columns)
  }

  @Test func nothingThatATerminalObeysIsLeft() {
    let hostile = "a\u{1B}[2Jb\u{7}\n\r\u{9B}31m\u{202E}c\u{7F}"
    let clean = hostile.withoutControls
    #expect(clean == "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}31m\u{FFFD}c\u{FFFD}")
    #expect("plain é 漢".withoutControls == "plain é 漢")
  }

  @Test func paintOnlyWhereItShows() {
    #expect(Paint(isEnabled: false)("x", .bold, .red) == "x")
    #expect(Paint(isEnabled: true)("x", .bold, .red) == "\u{1B}[1;31mx\u{1B}[0m")
    #expect(Paint(isEnabled: true)("", .bold) == "")
    #expect(Paint(isEnabled: true)("x") == "x")
  }

  @Test(arguments: [
    (0.0, 4, "    "), (1.0, 4, "████"), (0.5, 4, "██  "), (0.25, 1, "▎"), (0.0001, 2, "▏ "), (0.9999, 2, "█▉"),
    (-3, 2, "  "),
    (7, 2, "██"), (.nan, 2, "  "),
  ])
  func barShowsTheShare(_ fraction: Double, _ columns: Int, _ bar: String) {
    #expect(Bar.text(fraction: fraction, columns: columns) == bar)
  }

  @Test(arguments: [
    (UInt64(0), "0"), (7, "7"), (999, "999"), (1000, "1 k"), (1234, "1.23 k"), (12_345, "12.3 k"), (123_456, "123 k"),
    (999_499, "999 k"), (999_500, "1 M"), (1_500_000, "1.5 M"), (2_000_000_000_000_000, "2000 T"),
  ])
  func countsHaveThreeDigits(_ value: UInt64, _ text: String) {
    #expect(HumanNumber.count(value) == text)
  }

  @Test(arguments: [
    (UInt64(0), "0 ns"), (340, "340 ns"), (1500, "1.5 µs"), (45_000_000, "45 ms"), (45_200_000, "45.2 ms"),
    (999_600_000, "1 s"), (12_500_000_000, "12.5 s"), (59_949_000_000, "59.9 s"), (59_970_000_000, "1 m"),
    (185_000_000_000, "3 m 5 s"), (3_600_000_000_000, "1 h"), (7_800_000_000_000, "2 h 10 m"),
    (349_200_000_000_000, "4 d 1 h"),
  ])
  func durationsHaveTheirUnit(_ ns: UInt64, _ text: String) {
    #expect(HumanNumber.duration(ns: ns) == text)
  }

  @Test func otherNumbers() {
    #expect(HumanNumber.duration(ms: 45) == "45 ms")
    #expect(HumanNumber.duration(ms: .max) == "213503 d 23 h")
    #expect(HumanNumber.bytes(512) == "512 B")
    #expect(HumanNumber.bytes(1023) == "1023 B")
    #expect(HumanNumber.bytes(1 << 20) == "1 MiB")
    #expect(HumanNumber.bytes(1_572_864) == "1.5 MiB")
    #expect(HumanNumber.rate(perSecond: 12_345) == "12.3 k/s")
    #expect(HumanNumber.rate(perSecond: 0.25) == "0.25/s")
    #expect(HumanNumber.percent(0.125) == "12.5%")
    #expect(HumanNumber.percent(1) == "100%")
    #expect(HumanNumber.percent(0.99999) == "99.9%")
  }
}
