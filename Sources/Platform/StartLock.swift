import Glibc

/// Held by a dispatcher while it starts, until it begins to count how long others are silent: it may read its journal for long,
/// and its socket takes connections meanwhile that it does not answer.
///
/// A file beside the control socket, which goes with the lock.
public struct StartLock: ~Copyable {
  private let lock: FileLock

  private static func path(_ socketPath: String) -> String { "\(socketPath).starting" }

  /// - Throws: `SystemError` when another process holds it, or there is no place for it.
  public static func take(socketPath: String) throws(SystemError) -> StartLock {
    let path = path(socketPath)
    for _ in 0..<looksWaitedFor {
      if let lock = try? FileLock.take(path: path, holder: "") { return StartLock(lock: lock, path: path) }
      usleep(1000)
    }
    return StartLock(lock: try FileLock.take(path: path, holder: "a dispatcher that starts"), path: path)
  }

  /// `isHeld` takes the lock for a moment where a start that was killed left the file.
  private static let looksWaitedFor = 10

  private init(lock: consuming FileLock, path: String) {
    self.lock = lock
    // Workers look whether it is held.
    chmod(path, 0o644)
  }

  public consuming func release() {}

  /// Is a dispatcher starting? False when that cannot be said.
  public static func isHeld(socketPath: String) -> Bool {
    let raw = open(path(socketPath), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard raw >= 0 else { return false }
    defer { close(raw) }
    return flock(raw, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
