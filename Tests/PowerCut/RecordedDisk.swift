import Glibc
import Journal
import Platform
import Synchronization

/// A disk that does what it is told and keeps the list of it, so that what a loss of power leaves at any moment can be told
/// without one.
public final class RecordedDisk: Sendable {
  /// What was done to the disk, and what was known meanwhile.
  public enum Step: Sendable {
    case create(file: Int, name: String)
    case write(file: Int, offset: Int, bytes: [UInt8])
    /// Grows the file to so many bytes.
    case allocate(file: Int, bytes: Int)
    case sync(file: Int)
    case rename(name: String, newName: String)
    case remove(name: String)
    case syncFolder
    /// Whoever asked was told by now that everything up to this number is durable.
    case told(UInt64)
    /// This number may be on the disk from here on.
    case begun(UInt64)
  }

  private struct Log {
    var steps: [Step] = []
    /// Numbers in the order of creation, by inode.
    var files: [UInt64: Int] = [:]
    var fileCount = 0
  }

  private let log = Mutex(Log())

  public init() {}

  public var steps: [Step] { log.withLock { $0.steps } }

  public func note(_ step: Step) {
    log.withLock { $0.steps.append(step) }
  }

  /// - Parameter syncs: false where only what is recorded counts.
  public func calls(syncs reallySyncs: Bool = false) -> JournalFileCalls {
    var calls = JournalFileCalls.system
    calls.create = { (path) throws(SystemError) in
      let file = try JournalFileCalls.system.create(path)
      let inode = Self.inode(file)
      self.log.withLock { log in
        log.files[inode] = log.fileCount
        log.steps.append(.create(file: log.fileCount, name: Self.name(path)))
        log.fileCount += 1
      }
      return file
    }
    calls.allocate = { (descriptor, bytes) throws(SystemError) in
      try File.allocate(descriptor, bytes: bytes)
      self.note(descriptor) { .allocate(file: $0, bytes: bytes) }
    }
    calls.write = { (descriptor, first, second, offset) throws(SystemError) in
      let count = try File.write(first, second, to: descriptor, at: offset)
      let bytes = Array((Array(first) + Array(second)).prefix(count))
      self.note(descriptor) { .write(file: $0, offset: offset, bytes: bytes) }
      return count
    }
    calls.syncData = { (descriptor) throws(SystemError) in
      if reallySyncs { try File.syncData(descriptor) }
      self.note(descriptor) { .sync(file: $0) }
    }
    calls.rename = { (path, newPath) throws(SystemError) in
      try Folder.rename(path, to: newPath)
      self.note(.rename(name: Self.name(path), newName: Self.name(newPath)))
    }
    calls.remove = { (path) throws(SystemError) in
      try Folder.removeFile(path)
      self.note(.remove(name: Self.name(path)))
    }
    calls.syncFolder = { (path) throws(SystemError) in
      if reallySyncs { try Folder.sync(path) }
      self.note(.syncFolder)
    }
    return calls
  }

  private func note(_ descriptor: Int32, _ step: (Int) -> Step) {
    let inode = Self.inode(descriptor)
    log.withLock { log in
      guard let file = log.files[inode] else { preconditionFailure("a file is written that was never made") }
      log.steps.append(step(file))
    }
  }

  private static func inode(_ descriptor: Int32) -> UInt64 {
    var info = stat()
    precondition(fstat(descriptor, &info) == 0, "an open file has an inode")
    return UInt64(info.st_ino)
  }

  private static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
