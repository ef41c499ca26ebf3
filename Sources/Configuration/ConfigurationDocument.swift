import TOMLKit

/// A value of a document.
package indirect enum DocumentNode: Hashable {
  package struct Member: Hashable {
    package let key: String
    package let node: DocumentNode
  }

  case integer(Int64)
  case real(Double)
  case boolean(Bool)
  case text(String)
  case array([DocumentNode])
  case table([Member])
  /// Of a type that no setting has.
  case other(String)

  /// What this is, for an error.
  package var summary: String {
    switch self {
    case .integer(let number): "the integer \(number)"
    case .real: "a number with a fraction"
    case .boolean(let isSet): "\(isSet)"
    case .text(let text): "the string \(SettingValue.text(String(text.prefix(Self.quotedCharacters))).toml)"
    case .array(let elements): "an array of \(elements.count)"
    case .table: "a table"
    case .other(let summary): summary
    }
  }

  private static let quotedCharacters = 60
}

/// A text in TOML 1.0, taken apart.
package struct ConfigurationDocument {
  /// Far above any that somebody writes.
  static let maximumBytes = 65_536
  static let maximumLines = 4096

  package let root: [DocumentNode.Member]
  private let lines: [Substring]

  /// - Parameter source: names the text in the error.
  package init(_ text: String, source: String?) throws(ConfigurationError) {
    do throws(ConfigurationProblem) {
      try self.init(text)
    } catch {
      throw ConfigurationError(source: source, problems: [error])
    }
  }

  private init(_ text: String) throws(ConfigurationProblem) {
    guard text.utf8.count <= Self.maximumBytes else {
      throw ConfigurationProblem(
        key: "", expected: "at most \(Self.maximumBytes) bytes", came: "\(text.utf8.count)")
    }
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count <= Self.maximumLines else {
      throw ConfigurationProblem(key: "", expected: "at most \(Self.maximumLines) lines", came: "\(lines.count)")
    }
    // The library hands texts on as C strings, which would end there.
    guard !text.utf8.contains(0), !text.contains("\\u0000"), !text.contains("\\U00000000") else {
      throw ConfigurationProblem(key: "", expected: "text without NUL", came: "a NUL")
    }
    try DocumentForm.check(text)
    do {
      root = try Self.parsed(text)
    } catch let error as TOMLParseError {
      throw ConfigurationProblem(
        line: error.source.begin.line, key: "", expected: "TOML 1.0", came: "a fault: \(error.description)")
    } catch {
      throw ConfigurationProblem(key: "", expected: "TOML 1.0", came: "a fault: \(error)")
    }
  }

  /// The line on which the statement that sets this key begins; nil when there is none.
  ///
  /// The library does not tell where a value came from. But the text up to the end of any statement is a document too:
  /// the first of them that has the key ends with the statement, and the one before it ends where the statement begins.
  func line(of path: [String]) -> Int? {
    var end = 0
    var text = ""
    for (index, line) in lines.enumerated() {
      text += line + "\n"
      guard let root = try? Self.parsed(text) else { continue }
      if Self.contains(path, in: root) { return end + 1 }
      end = index + 1
    }
    return nil
  }

  private static func contains(_ path: [String], in members: [DocumentNode.Member]) -> Bool {
    var members = members
    for (depth, key) in path.enumerated() {
      guard let member = members.first(where: { $0.key == key }) else { return false }
      guard depth < path.count - 1 else { return true }
      guard case .table(let inner) = member.node else { return false }
      members = inner
    }
    return false
  }

  private static func parsed(_ text: String) throws -> [DocumentNode.Member] {
    let table = try TOMLTable(string: text)
    return withExtendedLifetime(table) { members(of: table) }
  }

  private static func members(of table: TOMLTable) -> [DocumentNode.Member] {
    table.keys.compactMap { key in table[key].map { DocumentNode.Member(key: key, node: node($0)) } }
  }

  private static func node(_ value: any TOMLValueConvertible) -> DocumentNode {
    switch value.type {
    case .table: return .table(value.table.map(members) ?? [])
    case .array:
      guard let array = value.array else { return .array([]) }
      return .array((0..<array.count).map { node(array[$0]) })
    case .string: return .text(value.string ?? "")
    case .int: return .integer(Int64(value.int ?? 0))
    case .bool: return .boolean(value.bool == true)
    case .double: return .real(value.double ?? 0)
    case .date, .time, .dateTime: return .other("a date or time")
    }
  }
}
