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
