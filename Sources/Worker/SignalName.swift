/// Signals by their names.
enum SignalName {
  static let terminate: Int32 = 15

  private static let names = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR",
    "SYS",
  ]
  private static let last: Int32 = 64

  /// "SIGTERM", "TERM" or "15"; nil for what is no signal.
  static func number(of text: String) -> Int32? {
    if let number = Int32(text) { return (1...last).contains(number) ? number : nil }
    let name = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
    return names.firstIndex(of: name).map { Int32($0) + 1 }
  }

  /// "signal 9 (SIGKILL)".
  static func text(_ signal: Int32) -> String {
    names.indices.contains(Int(signal) - 1) ? "signal \(signal) (SIG\(names[Int(signal) - 1]))" : "signal \(signal)"
  }
}
