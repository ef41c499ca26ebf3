import Platform
import SQLite
import Synchronization

/// Ends what uses it after so many uses.
final class Fuse: Sendable {
  /// Of no system call.
  static let code: Int32 = 9999
  private let left: Atomic<Int>

  init(after uses: Int) {
    left = Atomic(uses)
  }

  func burn() throws(SystemError) {
    guard left.subtract(1, ordering: .relaxed).oldValue > 0 else { throw SystemError("burn", code: Self.code) }
  }
}

extension SQLiteConnection {
  /// The rows of a query, sorted, each as a line with its columns set apart by bars; NULL is empty.
  func lines(_ sql: String) throws -> [String] {
    var rows = try prepare(sql)
    var lines: [String] = []
    while try rows.step() {
      let cells = (0..<rows.columnCount).map { column in
        switch rows.value(column) {
        case .null: ""
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob(let bytes): "\(bytes)"
        }
      }
      lines.append(cells.joined(separator: "|"))
    }
    return lines.sorted()
  }
}
