import Platform

/// The calls by which a journal's files are read and changed, and the clocks it looks at: all that this module asks of the
/// machine. So tests can let them fail, can tell what a loss of power leaves, and can put a disk in memory in their place.
///
/// A handle is a number that `open`, `create` or `lock` returned; each is ended once, by `close` or `unlock`.
public struct JournalFileCalls: Sendable {
  /// Opens a file that is there; `meansNobodyThere` when none is.
  public var open: @Sendable (_ path: String, _ forWriting: Bool) throws(SystemError) -> Int32
  /// Makes a new file in the place of one that may be there.
  public var create: @Sendable (_ path: String) throws(SystemError) -> Int32
  public var close: @Sendable (_ handle: Int32) -> Void
  /// Fills as much of the buffer as the file has from `offset` on, and returns how many bytes that is.
  public var read:
    @Sendable (_ handle: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ offset: Int) throws(SystemError) -> Int
  /// In bytes.
  public var size: @Sendable (_ handle: Int32) throws(SystemError) -> Int
  /// How many names an open file has: none once it, or the folder that it is in, was removed.
  public var links: @Sendable (_ handle: Int32) throws(SystemError) -> Int
  /// Reserves the blocks of a file's first bytes.
  public var allocate: @Sendable (_ handle: Int32, _ bytes: Int) throws(SystemError) -> Void
  /// Writes two pieces one after the other and returns how many bytes the disk took.
  public var write:
    @Sendable (
      _ handle: Int32, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ offset: Int
    ) throws(SystemError) -> Int
  /// Lets the disk begin to take what was written; nothing is durable by it.
  public var startWriteback: @Sendable (_ handle: Int32, _ offset: Int, _ bytes: Int) -> Void
  /// Returns once what was written is on the medium.
  public var syncData: @Sendable (_ handle: Int32) throws(SystemError) -> Void
  /// Gives a file another name in the same folder, in the place of one that has it.
  public var rename: @Sendable (_ path: String, _ newPath: String) throws(SystemError) -> Void
  /// Removes a file, if it is there.
  public var remove: @Sendable (_ path: String) throws(SystemError) -> Void
  /// Removes a folder with all that is in it, if it is there, or what is in its place; follows no links.
  public var removeFolder: @Sendable (_ path: String) -> Void
  /// The names in a folder, sorted.
  public var names: @Sendable (_ folder: String) throws(SystemError) -> [String]
  public var exists: @Sendable (_ path: String) -> Bool
  /// Is there a folder, and no link to one?
  public var isFolder: @Sendable (_ path: String) -> Bool
  /// Makes a folder unless it is there; a new one is on the medium then.
  public var makeFolder: @Sendable (_ path: String) throws(SystemError) -> Void
  /// Returns once the names in a folder are on the medium.
  public var syncFolder: @Sendable (_ path: String) throws(SystemError) -> Void
  /// Takes the lock that a file stands for; `meansLocked` when another has it.
  public var lock: @Sendable (_ path: String) throws(SystemError) -> Int32
  /// Is the file that is held still the one at `path`?
  public var isLocked: @Sendable (_ handle: Int32, _ path: String) -> Bool
  /// Lets the lock go.
  public var unlock: @Sendable (_ handle: Int32, _ path: String) -> Void
  /// The process that has the lock, as far as can be told.
  public var lockHolder: @Sendable (_ path: String) -> Int32?
  /// Milliseconds since 1970.
  public var wallMs: @Sendable () -> Int64
  /// For measuring.
  public var monotonicNs: @Sendable () -> UInt64
  /// Any number.
  public var random: @Sendable () -> UInt64

  /// Those of the operating system.
  public static let system = JournalFileCalls(
    open: { (path, forWriting) throws(SystemError) in
      try (forWriting ? File.open(writingTo: path) : File.open(readingFrom: path)).release()
    },
    // Readers of a journal may be in the folder's group; its lock is for the writer alone.
    create: { (path) throws(SystemError) in try File.create(path, groupReads: true).release() },
    close: { File.close($0) },
    read: { (handle, buffer, offset) throws(SystemError) in try File.read(handle, into: buffer, at: offset) },
    size: { (handle) throws(SystemError) in try File.size(handle) },
    links: { (handle) throws(SystemError) in try File.links(handle) },
    allocate: { (handle, bytes) throws(SystemError) in try File.allocate(handle, bytes: bytes) },
    write: { (handle, first, second, offset) throws(SystemError) in
      try File.write(first, second, to: handle, at: offset)
    },
    startWriteback: { File.startWriteback($0, at: $1, bytes: $2) },
    syncData: { (handle) throws(SystemError) in try File.syncData(handle) },
    rename: { (path, newPath) throws(SystemError) in try Folder.rename(path, to: newPath) },
    remove: { (path) throws(SystemError) in try Folder.removeFile(path) },
    removeFolder: { Folder.removeTree($0) },
    names: { (folder) throws(SystemError) in try Folder.names(in: folder) },
    exists: { Folder.fileExists($0) },
    isFolder: { Folder.isFolder($0) },
    makeFolder: { (path) throws(SystemError) in try Folder.ensure(path) },
    syncFolder: { (path) throws(SystemError) in try Folder.sync(path) },
    lock: { (path) throws(SystemError) in
      try FileLock.takeDescriptor(
        path: path, holder: "another writer", advice: "stop that one or use another folder")
    },
    isLocked: { FileLock.isHeld($0, path: $1) },
    unlock: { FileLock.letGo($0, path: $1) },
    lockHolder: { FileLock.holderID(path: $0) },
    wallMs: { Clock.wallMs() },
    monotonicNs: { Clock.monotonicNs() },
    random: { .random(in: .min ... .max) })

  /// Writes everything, in as many calls as the disk wants.
  func writeAll(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    to handle: Int32, at offset: Int
  ) throws(SystemError) {
    var first = first
    var second = second
    var offset = offset
    while first.count + second.count > 0 {
      let written = try write(handle, first, second, offset)
      // No disk takes nothing without an error: it would be asked for ever.
      guard written > 0 else { throw SystemError.nothingWritten(at: offset) }
      offset += written
      let fromFirst = min(written, first.count)
      first = UnsafeRawBufferPointer(rebasing: first[fromFirst...])
      second = UnsafeRawBufferPointer(rebasing: second[(written - fromFirst)...])
    }
  }
}
