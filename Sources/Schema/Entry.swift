import TOMLKit

/// A table of the vocabulary's text, and where it is.
struct Entry {
  private let table: TOMLTable
  private let path: String

  init(_ table: TOMLTable, _ path: String) {
    self.table = table
    self.path = path
  }

  func optional(_ key: String) -> String? { table[key]?.string }

  func text(_ key: String) throws -> String {
    guard let text = optional(key) else { throw VocabularyError("\(path): no text \(key)") }
    return text
  }

  func number(_ key: String) -> Int? { table[key]?.int }

  func integer(_ key: String) throws -> Int {
    guard let number = number(key) else { throw VocabularyError("\(path): no number \(key)") }
    return number
  }

  func flag(_ key: String) -> Bool { table[key]?.bool ?? false }

  func numbers(_ key: String) -> [Int] { table[key]?.array?.compactMap(\.int) ?? [] }

  func texts(_ key: String) -> [String] { table[key]?.array?.compactMap(\.string) ?? [] }

  func entries(_ key: String) throws -> [Entry] {
    try (table[key]?.array ?? TOMLArray()).enumerated().map { index, value in
      guard let table = value.table else { throw VocabularyError("\(path).\(key)[\(index)]: no table") }
      return Entry(table, "\(path).\(key)[\(table["name"]?.string ?? "\(index)")]")
    }
  }
}
