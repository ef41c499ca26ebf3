import Glibc

/// A stream of bytes to read: a file, or standard input. To wait for input, put `descriptor` in a `PollSet`.
public struct InputSource: ~Copyable {
  /// Open for as long as this lives.
  public let descriptor: Int32
  private let file: FileDescriptor?

  private init(descriptor: Int32, file: consuming FileDescriptor?) {
    self.descriptor = descriptor
    self.file = file
  }

  public static var standardInput: InputSource {
    InputSource(descriptor: STDIN_FILENO, file: nil)
  }

  /// - Parameter path: `-` is standard input.
  public static func open(_ path: String) throws -> InputSource {
    guard path != "-" else { return standardInput }
    let raw = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { throw SystemError.last("open \(path)") }
    return InputSource(descriptor: raw, file: FileDescriptor(owning: raw))
  }

  /// Is it a pipe with a name, which others than the caller write to?
  public var isNamedPipe: Bool {
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else { return false }
    var target = [UInt8](repeating: 0, count: 16)
    let count = target.withUnsafeMutableBytes {
      readlink("/proc/self/fd/\(descriptor)", $0.bindMemory(to: CChar.self).baseAddress!, $0.count)
    }
    // One without is "pipe:[NUMBER]".
    return count > 0 && target[0] == UInt8(ascii: "/")
  }

  /// What one call of the system brings: waits for it unless the descriptor is ready or non-blocking.
  ///
  /// - Returns: the bytes, none at the end of the stream; nil when there are none for now.
  public func read(upTo limit: Int) throws -> [UInt8]? {
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { room, initialized in
      count = Glibc.read(descriptor, room.baseAddress, room.count)
      initialized = max(count, 0)
    }
    guard count < 0 else { return bytes }
    let error = SystemError.last("read the input")
    guard error.code == EINTR || error.code == EAGAIN else { throw error }
    return nil
  }
}
