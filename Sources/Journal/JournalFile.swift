import Platform

/// An open file of a journal's folder, closed when it goes. Every error names it and what to do.
struct JournalFile: ~Copyable, Sendable {
  let handle: Int32
  private(set) var path: String
  let calls: JournalFileCalls

  private init(handle: Int32, path: String, calls: JournalFileCalls) {
    self.handle = handle
    self.path = path
    self.calls = calls
  }

  deinit {
    calls.close(handle)
  }

  static func open(
    _ path: String, forWriting: Bool = false, calls: JournalFileCalls
  ) throws(SystemError) -> JournalFile {
    do { return JournalFile(handle: try calls.open(path, forWriting), path: path, calls: calls) } catch {
      throw error.about(path)
    }
  }

  static func create(_ path: String, calls: JournalFileCalls) throws(SystemError) -> JournalFile {
    do { return JournalFile(handle: try calls.create(path), path: path, calls: calls) } catch {
      throw error.about(path)
    }
  }

  /// In bytes.
  func size() throws(SystemError) -> Int {
    do { return try calls.size(handle) } catch { throw error.about(path) }
  }

  func links() throws(SystemError) -> Int {
    do { return try calls.links(handle) } catch { throw error.about(path) }
  }

  /// Fills as much of the buffer as the file has, and the rest with zeros.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) {
    do {
      let count = try calls.read(handle, buffer, offset)
      UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).initializeMemory(as: UInt8.self, repeating: 0)
    } catch {
      throw error.about(path)
    }
  }

  func allocate(bytes: Int) throws(SystemError) {
    do { try calls.allocate(handle, bytes) } catch { throw error.about(path) }
  }

  func write(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = .init(start: nil, count: 0), at offset: Int
  ) throws(SystemError) {
    do { try calls.writeAll(first, second, to: handle, at: offset) } catch { throw error.about(path) }
  }

  func sync() throws(SystemError) {
    do { try calls.syncData(handle) } catch { throw error.about(path) }
  }

  /// Gives it another name in its folder, and makes that durable.
  mutating func rename(to newPath: String, in folder: String) throws(SystemError) {
    do { try calls.rename(path, newPath) } catch { throw error.about(path) }
    path = newPath
    try calls.sync(folder: folder)
  }
}

extension JournalFileCalls {
  /// The names in a folder, sorted.
  func list(_ folder: String) throws(JournalError) -> [String] {
    do { return try names(folder) } catch { throw .system(error.about(folder)) }
  }

  func sync(folder: String) throws(SystemError) {
    do { try syncFolder(folder) } catch { throw error.about(folder) }
  }
}

extension SystemError {
  /// The same, with the file's name and what to do about it.
  func about(_ path: String) -> SystemError {
    let named = operation.contains(path) ? operation : "\(path): \(operation)"
    return SystemError(named, code: code, advice: advice ?? remedy)
  }

  private var remedy: String? {
    if meansNoSpace { return "make room in its file system" }
    if meansForbidden { return "let this user read and write it" }
    if meansBrokenDisk { return "the disk fails: see the kernel's log, and mend or replace it before another start" }
    return nil
  }
}
