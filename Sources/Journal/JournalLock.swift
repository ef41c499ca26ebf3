import Platform

/// The right to write a journal: one process has it, and the kernel takes it back when that ends, however it ends. Take it
/// before reading what is to be gone on with.
public struct JournalLock: ~Copyable, Sendable {
  public let folder: String
  /// How the folder's disk is reached.
  let calls: JournalFileCalls
  private let handle: Int32

  private init(folder: String, calls: JournalFileCalls, handle: Int32) {
    self.folder = folder
    self.calls = calls
    self.handle = handle
  }

  deinit {
    calls.unlock(handle, Self.path(folder))
  }

  /// Takes the lock, and makes the folder unless it is there.
  ///
  /// - Parameter calls: how to reach the disk, for the writer too that gets the lock.
  /// - Throws: `JournalError.locked` with the id of the process that has it.
  public static func take(folder: String, calls: JournalFileCalls = .system) throws(JournalError) -> JournalLock {
    let path = path(folder)
    do throws(SystemError) {
      try calls.makeFolder(folder)
      return JournalLock(folder: folder, calls: calls, handle: try calls.lock(path))
    } catch {
      if error.meansLocked { throw .locked(folder: folder, holder: calls.lockHolder(path)) }
      throw .system(error.about(folder))
    }
  }

  /// Is it still this lock that keeps others out? Not once its file, or the folder, was removed.
  var isHeld: Bool { calls.isLocked(handle, Self.path(folder)) }

  /// The process that writes the journal in a folder now, as far as can be told without asking for the lock.
  public static func holder(folder: String) -> Int32? {
    JournalFileCalls.system.lockHolder(path(folder)).flatMap { Machine.processExists($0) ? $0 : nil }
  }

  private static func path(_ folder: String) -> String { "\(folder)/\(JournalNames.lock)" }
}
