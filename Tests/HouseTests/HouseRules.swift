/// The rules of the house that a line or a file shows on its face.
enum HouseRules {
  static let maxFileLines = 400
  static let topLevel: Set = ["Package.swift", "Sources", "Tests", "systemd", "bench", "README.md"]

  static func belongsAtTheTop(_ entry: Substring) -> Bool {
    entry.hasPrefix(".") || topLevel.contains(String(entry))
  }

  // Put together here, so that this file is not found itself.
  private static let openMarks: Set<String> = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
  private static let sleeps = ["Thread.sl" + "eep", "Task.sl" + "eep", "usl" + "eep(", "nanosl" + "eep("]

  static func hasOpenMark(_ line: Substring) -> Bool {
    line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains { openMarks.contains(String($0)) }
  }

  static func sleeps(_ line: Substring) -> Bool {
    HouseRules.sleeps.contains { line.contains($0) } || line.contains(#/(?:^|[^A-Za-z_.])sleep\(\d/#)
  }

  /// The public types of a file's top level that have no doc comment.
  static func undocumentedTypes(_ lines: [Substring]) -> [String] {
    let pattern =
      #/^(?:@\w+(?:\([^)]*\))? )*public (?:final |indirect )*(?:struct|class|enum|protocol|actor) (\w+)/#
    return lines.indices.compactMap { index in
      guard let match = lines[index].firstMatch(of: pattern) else { return nil }
      let above = lines[..<index].last { !$0.hasPrefix("@") }
      return above?.hasPrefix("///") == true ? nil : String(match.1)
    }
  }
}
