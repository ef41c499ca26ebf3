import Synchronization

/// The first line that a process prints.
final class FirstLine: Sendable {
  private let first: Mutex<String?> = Mutex(nil)

  var text: String? {
    first.withLock { $0 }
  }

  func note(_ line: String) {
    first.withLock { first in
      if first == nil { first = line }
    }
  }
}
