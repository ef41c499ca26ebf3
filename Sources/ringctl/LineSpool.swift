import Platform

/// Lines that wait to be printed: in memory, and what is too much for that in a file that nobody else sees.
///
/// So that whoever gives the lines is done with before somebody takes them.
struct LineSpool: ~Copyable {
  private var lines: [String] = []
  private var bytes = 0
  /// Of the file; nil while there is none.
  private var descriptor: Int32?
  private var fileBytes = 0

  /// In memory.
  private static let limitBytes = 16 << 20
  private static let chunkBytes = 1 << 20

  deinit {
    if let descriptor { File.close(descriptor) }
  }

  /// - Parameter line: without line breaks in it.
  mutating func add(_ line: String) throws {
    lines.append(line)
    bytes += line.utf8.count + 1
    if bytes > Self.limitBytes { try spill() }
  }

  private mutating func spill() throws {
    if descriptor == nil {
      let folder = Environment.value("TMPDIR") ?? "/tmp"
      let path = "\(folder)/ringctl-\(Machine.processID())-\(Clock.monotonicNs()).lines"
      descriptor = try File.create(path).release()
      try Folder.removeFile(path)
    }
    var text: [UInt8] = []
    text.reserveCapacity(bytes)
    for line in lines {
      text += line.utf8
      text.append(UInt8(ascii: "\n"))
    }
    guard let descriptor else { return }
    var done = 0
    while done < text.count {
      done += try text.withUnsafeBytes { all in
        try File.write(
          UnsafeRawBufferPointer(rebasing: all[done...]), UnsafeRawBufferPointer(start: nil, count: 0),
          to: descriptor, at: fileBytes + done)
      }
    }
    fileBytes += text.count
    lines.removeAll(keepingCapacity: true)
    bytes = 0
  }

  /// All lines, in order.
  func forEach(_ each: (String) throws -> Void) throws {
    if let descriptor {
      var rest: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
      var offset = 0
      while offset < fileBytes {
        let count = try chunk.withUnsafeMutableBytes { try File.read(descriptor, into: $0, at: offset) }
        guard count > 0 else { break }
        offset += count
        rest += chunk[..<count]
        var start = 0
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
          try each(String(decoding: rest[start..<end], as: UTF8.self))
          start = end + 1
        }
        rest.removeFirst(start)
      }
    }
    for line in lines { try each(line) }
  }
}
