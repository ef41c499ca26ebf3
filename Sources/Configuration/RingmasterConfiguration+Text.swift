/// From a configuration to a file that explains itself.
extension RingmasterConfiguration {
  private static let columns = 118

  /// A file in TOML in which every setting stands with its value, its meaning, unit, range and default. Read again, it
  /// makes the same configuration.
  public var commentedTOML: String {
    var lines = Self.comment(
      "Settings of ringmasterd, read by \"ringmasterd --config FILE\". A setting that is left out has its default. "
        + "Options of the command line come before this file. \"ringctl config check FILE\" says what is wrong with one. "
        + "SIGHUP makes ringmasterd read it again (\"systemctl reload ringmasterd\"); what is read at the start only needs "
        + "a restart."
    )
    for table in Settings.tables {
      lines += ["", ""] + Self.comment(table.meaning) + ["[\(table.name)]"]
      for setting in Settings.all where setting.table == table.name {
        let unit = setting.unit.map { " (\($0))" } ?? ""
        lines += [""] + Self.comment(setting.meaning)
        let reading = setting.isReadAtStartOnly ? " Read at the start only." : ""
        lines += Self.comment(
          "\(setting.expected.sentenceCase)\(unit); by default \(setting.defaultValue.toml).\(reading)")
        lines.append("\(setting.key) = \(setting.value(in: self).toml)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Words in lines of comment.
  private static func comment(_ text: String) -> [String] {
    var lines: [String] = []
    var line = "#"
    for word in text.split(separator: " ") {
      if line.count + 1 + word.count > columns {
        lines.append(line)
        line = "#"
      }
      line += " " + word
    }
    return lines + [line]
  }
}

extension String {
  fileprivate var sentenceCase: String { prefix(1).uppercased() + dropFirst() }
}
