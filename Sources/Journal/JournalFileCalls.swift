import Platform

/// The calls by which a writer reaches its disk, so that tests can let them fail.
public struct JournalFileCalls: Sendable {
  /// Reserves the blocks of a file's first bytes.
  public var allocate: @Sendable (_ descriptor: Int32, _ bytes: Int) throws(SystemError) -> Void
  /// Writes two pieces one after the other and returns how many bytes the disk took.
  public var write:
    @Sendable (
      _ descriptor: Int32, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ offset: Int
    ) throws(SystemError) -> Int
  /// Returns once what was written is on the medium.
  public var syncData: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void

  /// Those of the operating system.
  public static let system = JournalFileCalls(
    allocate: { (descriptor, bytes) throws(SystemError) in try File.allocate(descriptor, bytes: bytes) },
    write: { (descriptor, first, second, offset) throws(SystemError) in
      try File.write(first, second, to: descriptor, at: offset)
    },
    syncData: { (descriptor) throws(SystemError) in try File.syncData(descriptor) })

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
