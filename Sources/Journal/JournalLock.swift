import Platform

/// The right to write a journal: one process has it, and the kernel takes it back when that ends, however it ends. Take it
/// before reading what is to be gone on with.
public struct JournalLock: ~Copyable, Sendable {
  public let folder: String
  private let lock: FileLock

  private init(folder: String, lock: consuming FileLock) {
    self.folder = folder
    self.lock = lock
  }

  /// Takes the lock, and makes the folder unless it is there.
  ///
  /// - Throws: `JournalError.locked` with the id of the process that has it.
  public static func take(folder: String) throws(JournalError) -> JournalLock {
    let path = "\(folder)/\(JournalNames.lock)"
    do {
      try Folder.ensure(folder)
      return JournalLock(folder: folder, lock: try FileLock.take(path: path, holder: "another writer"))
    } catch let error as SystemError {
      if error.meansLocked { throw .locked(folder: folder, holder: FileLock.holderID(path: path)) }
      throw .system(error)
    } catch {
      preconditionFailure("a lock fails by system errors alone, got \(error)")
    }
  }
  /// The process that writes the journal in a folder now, as far as can be told without asking for the lock.
  public static func holder(folder: String) -> Int32? {
    FileLock.holderID(path: "\(folder)/\(JournalNames.lock)").flatMap { Machine.processExists($0) ? $0 : nil }
  }
}
