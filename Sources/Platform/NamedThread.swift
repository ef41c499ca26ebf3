import CPlatform
import Glibc

/// A thread of this process with a name that `top -H` shows.
public struct NamedThread: ~Copyable, @unchecked Sendable {
  private static let maximumNameBytes = 15
  private let handle: pthread_t

  private final class Start {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts `body` on a new thread.
  ///
  /// - Parameter name: at most 15 bytes reach the kernel.
  public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var thread = pthread_t()
    let error = pthread_create(
      &thread,
      nil,
      { argument in
        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        rm_name_thread(NamedThread.kernelName(start.name))
        start.body()
        return nil
      },
      start.toOpaque()
    )
    guard error == 0 else {
      start.release()
      throw SystemError("start the thread \(name)", code: error)
    }
    handle = thread
  }

  /// As many whole characters as fit: a longer name would not be taken at all.
  private static func kernelName(_ name: String) -> String {
    var kept = ""
    for scalar in name.unicodeScalars {
      guard kept.utf8.count + scalar.utf8.count <= maximumNameBytes else { break }
      kept.unicodeScalars.append(scalar)
    }
    return kept
  }

  /// Lets the thread run to its own end.
  public consuming func detach() {
    pthread_detach(handle)
  }

  /// Waits until the thread has ended.
  public consuming func join() {
    pthread_join(handle, nil)
  }
}
