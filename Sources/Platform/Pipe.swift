import CPlatform
import Glibc

/// Both ends of a pipe, closed on exec.
struct Pipe: ~Copyable {
  let reader: FileDescriptor
  let writer: FileDescriptor

  init() throws {
    var ends: [Int32] = [0, 0]
    _ = try checked(rm_pipe(&ends), "create a pipe")
    reader = FileDescriptor(owning: ends[0])
    writer = FileDescriptor(owning: ends[1])
  }

  consuming func takeReader() -> FileDescriptor {
    reader
  }

  consuming func takeWriter() -> FileDescriptor {
    writer
  }
}

/// Reads a pipe line by line.
struct LineReader: ~Copyable {
  private let descriptor: FileDescriptor
  private var buffer: [UInt8] = []

  init(descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }

  /// The next line without its end; nil when the other side has closed.
  mutating func next() -> String? {
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line
      }
      let count = read(descriptor.raw, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      buffer += chunk[..<count]
    }
  }
}
