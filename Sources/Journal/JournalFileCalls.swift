import Platform

/// The calls by which a journal's files are changed, so that tests can let them fail and can tell what a loss of power
/// leaves of them.
public struct JournalFileCalls: Sendable {
  /// Makes a new file in the place of one that may be there.
  public var create: @Sendable (_ path: String) throws(SystemError) -> File
  /// Reserves the blocks of a file's first bytes.
  public var allocate: @Sendable (_ descriptor: Int32, _ bytes: Int) throws(SystemError) -> Void
  /// Writes two pieces one after the other and returns how many bytes the disk took.
  public var write:
    @Sendable (
      _ descriptor: Int32, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ offset: Int
    ) throws(SystemError) -> Int
  /// Returns once what was written is on the medium.
  public var syncData: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
  /// Gives a file another name in the same folder, in the place of one that has it.
  public var rename: @Sendable (_ path: String, _ newPath: String) throws(SystemError) -> Void
  /// Removes a file, if it is there.
  public var remove: @Sendable (_ path: String) throws(SystemError) -> Void
  /// Returns once the names in a folder are on the medium.
  public var syncFolder: @Sendable (_ path: String) throws(SystemError) -> Void

  /// Those of the operating system.
  public static let system = JournalFileCalls(
    create: { (path) throws(SystemError) in try File.create(path) },
    allocate: { (descriptor, bytes) throws(SystemError) in try File.allocate(descriptor, bytes: bytes) },
    write: { (descriptor, first, second, offset) throws(SystemError) in
      try File.write(first, second, to: descriptor, at: offset)
    },
    syncData: { (descriptor) throws(SystemError) in try File.syncData(descriptor) },
    rename: { (path, newPath) throws(SystemError) in try Folder.rename(path, to: newPath) },
    remove: { (path) throws(SystemError) in try Folder.removeFile(path) },
    syncFolder: { (path) throws(SystemError) in try Folder.sync(path) })

  /// Writes everything, in as many calls as the disk wants.
  func writeAll(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    to descriptor: Int32, at offset: Int
  ) throws(SystemError) {
    var first = first
    var second = second
    var offset = offset
    while first.count + second.count > 0 {
      let written = try write(descriptor, first, second, offset)
      // No disk takes nothing without an error: it would be asked for ever.
      guard written > 0 else { throw SystemError.nothingWritten(at: offset) }
      offset += written
      let fromFirst = min(written, first.count)
      first = UnsafeRawBufferPointer(rebasing: first[fromFirst...])
      second = UnsafeRawBufferPointer(rebasing: second[(written - fromFirst)...])
    }
  }
}
