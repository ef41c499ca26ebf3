import Glibc
import Platform

enum FolderRemoval {
  /// Removes a folder with all that is in it.
  static func remove(_ path: String) throws {
    for name in try Folder.names(in: path) where unlink("\(path)/\(name)") != 0 { try remove("\(path)/\(name)") }
    guard rmdir(path) == 0 else { throw TortureError("remove \(path)", code: errno) }
  }
}

enum TextFileWriter {
  /// Makes the file, which must not be there.
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw TortureError("create \(path)", code: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
      guard count > 0 else { throw TortureError("write \(path)", code: errno) }
      written += count
    }
  }
}
