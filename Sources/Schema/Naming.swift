extension String {
  /// `COSCHED_FAILED`, `cosched_failed` and `coschedFailed` are all of the words cosched and failed.
  private var words: [String] {
    split(separator: "_").flatMap { part -> [String] in
      guard part.contains(where: \.isLowercase) else { return [part.lowercased()] }
      var words: [String] = []
      for letter in part {
        if letter.isUppercase || words.isEmpty { words.append("") }
        words[words.count - 1] += letter.lowercased()
      }
      return words
    }
  }

  /// As Swift names members.
  var camel: String {
    let capitals = ["cpu": "CPU"]
    return words.enumerated().map { $0 == 0 ? $1 : capitals[$1] ?? $1.prefix(1).uppercased() + $1.dropFirst() }.joined()
  }

  /// As Swift names types.
  var pascal: String { camel.prefix(1).uppercased() + camel.dropFirst() }

  /// As C names constants.
  var constant: String { words.joined(separator: "_").uppercased() }

  func padding(to count: Int) -> String { self + String(repeating: " ", count: max(0, count - self.count)) }

  var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".") }
}

/// Text that is made line by line, with lines broken where they become too long.
struct Text {
  private(set) var lines: [String] = []
  var indent = 0

  mutating func add(_ line: String = "") {
    lines.append(line.isEmpty ? "" : String(repeating: " ", count: indent) + line)
  }

  /// A comment or a list, broken between words.
  mutating func wrap(_ words: String, _ prefix: String, after first: String? = nil, width: Int = 120) {
    var line = first ?? prefix
    var isEmpty = true
    for word in words.split(separator: " ") {
      if !isEmpty, indent + line.count + 1 + word.count > width {
        add(line)
        line = prefix
        isEmpty = true
      }
      line += (line.isEmpty || line.hasSuffix(" ") ? "" : " ") + word
      isEmpty = false
    }
    add(line)
  }

  mutating func block(_ head: String, _ body: (inout Text) throws -> Void) rethrows {
    add(head + " {")
    indent += 2
    try body(&self)
    indent -= 2
    add("}")
  }

  /// A `switch`, whose cases are as far in as it is.
  mutating func choice(_ head: String, _ cases: (inout Text) throws -> Void) rethrows {
    add(head + " {")
    try cases(&self)
    add("}")
  }

  var text: String { lines.joined(separator: "\n") + "\n" }
}
