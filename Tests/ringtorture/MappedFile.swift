import Glibc

/// A file of fixed size as shared memory: what a process wrote there survives it, whatever ends it.
final class MappedFile: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let bytes: Int

  /// Makes the file, filled with zeros.
  static func create(_ path: String, bytes: Int) throws -> MappedFile {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw TortureError("create \(path)", code: errno) }
    defer { close(descriptor) }
    guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw TortureError("size \(path)", code: errno) }
    return try MappedFile(descriptor, path, bytes: bytes)
  }

  static func open(_ path: String) throws -> MappedFile {
    let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw TortureError("open \(path)", code: errno) }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw TortureError("look at \(path)", code: errno) }
    return try MappedFile(descriptor, path, bytes: Int(information.st_size))
  }

  private init(_ descriptor: Int32, _ path: String, bytes: Int) throws {
    let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw TortureError("map \(path)", code: errno) }
    base = address
    self.bytes = bytes
  }

  deinit {
    munmap(base, bytes)
  }
}

/// What keeps the torture itself from going on.
struct TortureError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }

  init(_ what: String, code: Int32) {
    description = "cannot \(what): \(String(cString: strerror(code)))"
  }
}
