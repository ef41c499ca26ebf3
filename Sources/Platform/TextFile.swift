import Glibc

/// Small files, read whole or from their end.
public enum TextFile {
  /// The last `bytes` of a file; empty when it cannot be read.
  public static func tail(_ path: String, bytes: Int) -> String {
    let raw = open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { return "" }
    let file = FileDescriptor(owning: raw)
    if lseek(file.raw, off_t(-bytes), SEEK_END) < 0 { lseek(file.raw, 0, SEEK_SET) }
    var buffer = [UInt8](repeating: 0, count: bytes)
    let count = read(file.raw, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }

  /// All of a file of at most `maximumBytes` bytes.
  ///
  /// - Throws: `SystemError` when it cannot be read or is larger.
  public static func contents(_ path: String, maximumBytes: Int) throws -> [UInt8] {
    let raw = open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { throw SystemError.last("open \(path)") }
    let file = FileDescriptor(owning: raw)
    var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { read(file.raw, $0.baseAddress! + filled, $0.count - filled) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw SystemError.last("read \(path)") }
      if count == 0 { return Array(bytes[..<filled]) }
      filled += count
    }
    throw SystemError(
      "read \(path)", code: EFBIG, advice: "at most \(maximumBytes) bytes are taken")
  }

  /// The first 4096 bytes of a file whose size is not known, as those of /proc.
  public static func head(_ path: String) -> String {
    let raw = open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { return "" }
    let file = FileDescriptor(owning: raw)
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(file.raw, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }
}
