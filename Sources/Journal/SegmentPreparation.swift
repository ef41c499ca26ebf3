import Platform

/// The next segment, made ready while the present one is being filled: its blocks reserved and written with zeros, so that
/// a commit is a mere overwriting. (On ext4 a sync after writing into reserved blocks that were never written takes half as
/// long again.)
struct SegmentPreparation: ~Copyable {
  private let path: String
  private let bytes: Int
  private let calls: JournalFileCalls
  private var file: JournalFile?
  private(set) var filledBytes = 0

  private static let chunkBytes = 1 << 20
  nonisolated(unsafe) private static let zeros = UnsafeRawBufferPointer(
    UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: JournalFormat.page).zeroed())

  init(folder: String, bytes: Int, calls: JournalFileCalls) {
    path = "\(folder)/\(JournalNames.preparedSegment)"
    self.bytes = bytes
    self.calls = calls
  }

  var isComplete: Bool { filledBytes == bytes }

  /// Does the next part of the work: at most one chunk is written.
  mutating func advance() throws(WriteFault) {
    guard !isComplete else { return }
    do throws(SystemError) {
      if filledBytes == 0 { try begin() }
      let count = min(Self.chunkBytes, bytes - filledBytes)
      try fill(filledBytes, count)
      filledBytes += count
    } catch {
      drop()
      throw WriteFault(beforeSync: error)
    }
  }

  /// Completes it and gives the file away.
  mutating func take() throws(WriteFault) -> JournalFile {
    while !isComplete { try advance() }
    filledBytes = 0
    return file.take()!
  }

  private mutating func begin() throws(SystemError) {
    let created = try JournalFile.create(path, calls: calls)
    try created.allocate(bytes: bytes)
    file = consume created
  }

  private func fill(_ offset: Int, _ count: Int) throws(SystemError) {
    switch file {
    case .some(let file):
      try file.write(UnsafeRawBufferPointer(rebasing: Self.zeros[..<count]), at: offset)
      calls.startWriteback(file.handle, offset, count)
    case .none: preconditionFailure("a segment is filled after it was created")
    }
  }

  /// Gives the blocks back.
  private mutating func drop() {
    file = nil
    filledBytes = 0
    try? calls.remove(path)
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate func zeroed() -> UnsafeMutableRawBufferPointer {
    initializeMemory(as: UInt8.self, repeating: 0)
    return self
  }
}
