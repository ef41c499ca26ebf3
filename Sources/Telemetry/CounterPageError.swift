import Platform

/// Why a counter page could not be made or read. Failures of the operating system are thrown as `SystemError`.
public enum CounterPageError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalidName(String, role: String, maxBytes: Int)
  case invalidLabel(String, maxBytes: Int)
  case duplicateLabel(String)
  case invalidCount(Int, max: Int)
  /// Of a process of a newer or older version of this software.
  case otherVersion(OtherVersion)
  /// The object of that name is no whole counter page.
  case damaged(page: String, expected: String, found: String)

  public var description: String {
    switch self {
    case .invalidName(let name, let role, let maxBytes):
      "the \(role) name \"\(name)\" is not 1 to \(maxBytes) letters, digits, '-', '_' or '@'; choose another"
    case .invalidLabel(let label, let maxBytes):
      "the counter label \"\(label)\" is not 1 to \(maxBytes) bytes of printable text; choose another"
    case .duplicateLabel(let label):
      "two counters are labelled \"\(label)\"; rename one"
    case .invalidCount(let count, let max):
      "a page holds 1 to \(max) counters, not \(count)"
    case .otherVersion(let other): "\(other)"
    case .damaged(let page, let expected, let found):
      "the counter page \(page) is not readable: expected \(expected), found \(found); "
        + "restart the process that writes it or remove /dev/shm\(page)"
    }
  }
}
