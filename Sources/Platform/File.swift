import CPlatform
import Glibc

/// An open regular file, read and written at given offsets. Closed when it goes.
///
/// What is no regular file is not opened, and keeps nothing waiting.
///
/// All calls are from one thread at a time, block until done, and start over when a signal interrupts them.
public struct File: ~Copyable, Sendable {
  private let descriptor: FileDescriptor
  /// As it was opened, for messages.
  public let path: String

  private init(_ descriptor: consuming FileDescriptor, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// For `JournalFileCalls` and the like, which take a bare descriptor.
  public var rawDescriptor: Int32 { descriptor.raw }

  /// - Throws: `SystemError`; `meansNobodyThere` when there is no such file.
  public static func open(readingFrom path: String) throws(SystemError) -> File {
    try open(path, O_RDONLY, "open \(path)")
  }

  public static func open(writingTo path: String) throws(SystemError) -> File {
    try open(path, O_RDWR, "open \(path) for writing")
  }

  /// A new file in the place of one that may be there.
  ///
  /// - Parameter groupReads: mode 0640 in the place of 0600, as far as the umask or the folder's default ACL lets it.
  public static func create(_ path: String, groupReads: Bool = false) throws(SystemError) -> File {
    try open(path, O_RDWR | O_CREAT | O_TRUNC, "create \(path)", mode: groupReads ? 0o640 : 0o600)
  }

  private static func open(
    _ path: String, _ flags: Int32, _ operation: String, mode: mode_t = 0
  ) throws(SystemError) -> File {
    let raw = Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)
    guard raw >= 0 else { throw SystemError.last(operation) }
    let descriptor = FileDescriptor(owning: raw)
    guard try status(raw).st_mode & S_IFMT == S_IFREG else {
      throw SystemError("\(operation): no regular file", code: EINVAL)
    }
    return File(descriptor, path: path)
  }

  /// Gives the descriptor to whoever keeps it by its number, and ends it by `close`.
  public consuming func release() -> Int32 {
    descriptor.release()
  }

  /// Ends a descriptor that `release` gave away.
  public static func close(_ descriptor: Int32) {
    _ = FileDescriptor(owning: descriptor)
  }

  /// In bytes.
  public func size() throws(SystemError) -> Int {
    try Self.size(descriptor.raw)
  }

  /// In bytes.
  public static func size(_ descriptor: Int32) throws(SystemError) -> Int {
    try status(descriptor).st_size
  }

  /// How many names the file has: none once it was removed.
  public static func links(_ descriptor: Int32) throws(SystemError) -> Int {
    Int(try status(descriptor).st_nlink)
  }

  private static func status(_ descriptor: Int32) throws(SystemError) -> stat {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw SystemError.last("look at an open file") }
    return info
  }

  /// Fills as much of `buffer` as the file has from `offset` on.
  ///
  /// - Returns: bytes read; fewer than asked for at the end of the file only.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
    try Self.read(descriptor.raw, into: buffer, at: offset)
  }

  /// The same of an open descriptor.
  public static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(SystemError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemError.last("read \(buffer.count) bytes at \(offset)")
      }
      done += count
    }
    return done
  }

  /// All of a small file.
  ///
  /// - Parameter limit: bytes; what a longer file has behind them is left out.
  public func contents(atMost limit: Int) throws -> [UInt8] {
    let descriptor = rawDescriptor
    var bytes = [UInt8](repeating: 0, count: min(try size(), limit))
    let count = try bytes.withUnsafeMutableBytes { try Self.read(descriptor, into: $0, at: 0) }
    return Array(bytes.prefix(count))
  }

  /// Writes a text behind what the file has.
  public func append(_ text: String) throws {
    let descriptor = rawDescriptor
    var offset = try size()
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = try bytes.withUnsafeBytes {
        try Self.write($0, UnsafeRawBufferPointer(start: nil, count: 0), to: descriptor, at: offset)
      }
      bytes = bytes.dropFirst(count)
      offset += count
    }
  }

  /// Writes the two pieces one after the other in one call.
  ///
  /// - Returns: bytes written, which may be fewer than given.
  public static func write(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int
  ) throws(SystemError) -> Int {
    let pieces = [iovec(first), iovec(second)]
    while true {
      let count = pwritev(descriptor, pieces, Int32(pieces.count), off_t(offset))
      if count >= 0 { return count }
      if errno != EINTR { throw SystemError.last("write \(first.count + second.count) bytes at \(offset)") }
    }
  }

  /// Cuts a file short, or fills it up with zeros.
  public static func cut(_ descriptor: Int32, to bytes: Int) throws(SystemError) {
    guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw SystemError.last("cut a file to \(bytes) bytes") }
  }

  /// Returns once the contents, and what is needed to find them, are on the medium.
  public static func syncData(_ descriptor: Int32) throws(SystemError) {
    while fdatasync(descriptor) != 0 {
      if errno != EINTR { throw SystemError.last("sync") }
    }
  }

  /// Reserves the blocks of the first `bytes` and makes the file at least that long.
  public static func allocate(_ descriptor: Int32, bytes: Int) throws(SystemError) {
    let error = posix_fallocate(descriptor, 0, off_t(bytes))
    guard error == 0 else { throw SystemError("reserve \(bytes) bytes", code: error) }
  }

  /// Lets the kernel begin to write a part out; nothing is durable by it.
  public static func startWriteback(_ descriptor: Int32, at offset: Int, bytes: Int) {
    _ = rm_start_writeback(descriptor, UInt64(offset), UInt64(bytes))
  }
}

extension iovec {
  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    self.init(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
  }
}
