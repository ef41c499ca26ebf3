import Journal
import Platform
import SeededRandom

/// A disk in memory for one journal, with an account of what a loss of power leaves of it, and with faults.
///
/// Of a file nothing is certain before it was synced; of what was written since, any sector may be there or not. Names are
/// certain once the folder was synced; before, they come about in the order in which they were made.
final class SimulatedDisk: @unchecked Sendable {
  /// What the disk does to the next calls.
  struct Faults {
    /// No block is left: nothing new can be reserved or made.
    var isFull = false
    /// Calls from now until one fails with an input/output error; nil for none.
    var callsUntilError: Int?
    /// Calls from now until whoever is using the disk dies in the middle of one; nil for none.
    var callsUntilDeath: Int?
    /// Percent of writes that write less than was asked for.
    var shortWrites = 0

    /// Does no call fail?
    var isHarmless: Bool { !isFull && callsUntilError == nil && callsUntilDeath == nil }
  }

  /// What a name stands for.
  final class Content {
    /// As whoever reads it sees it.
    var bytes: [UInt8] = []
    var certain: [UInt8] = []
    /// Written since the last sync.
    var uncertain: [Range<Int>] = []
    var links = 1
  }

  enum Naming {
    case name(Content, name: String)
    case rename(name: String, newName: String)
    case remove(name: String)
  }

  static let sectorBytes = 512
  static let folder = "/simulated"

  var faults = Faults()
  var random = SeededGenerator(seed: 0)
  /// Called in the middle of a sync, while it takes its time.
  var whileSyncing: (() -> Void)?
  /// Of the process that may use the disk now: what one that has died still asks for fails.
  private(set) var life = 0
  private(set) var calls = 0
  private(set) var syncs = 0
  var names: [String: Content] = [:]
  var certainNames: [String: Content] = [:]
  var uncertainNames: [Naming] = []
  private var handles: [Int32: Content] = [:]
  private var lastHandle: Int32 = 0
  private var folders: Set<String> = []
  private var lockHandle: Int32?
  var isLocked: Bool { lockHandle != nil }
  var spoiltSnapshot: String?
  /// What the folder had when somebody removed it.
  private var removed: [String: [UInt8]]?

  /// Whoever used the disk is dead.
  func endLife() {
    life += 1
    lockHandle = nil
    faults.callsUntilDeath = nil
    faults.callsUntilError = nil
  }

  /// Somebody removes the file by which a dispatcher has the journal for itself.
  func removeLock() {
    lockHandle = nil
  }

  /// Somebody moves the folder away.
  func removeFolder() {
    removed = removed ?? contents
    for content in names.values { content.links = 0 }
    names = [:]
    lockHandle = nil
  }

  /// Somebody puts the folder back as it was when it was moved away.
  func putFolderBack() {
    if let removed { replace(with: removed) }
    removed = nil
  }

  /// The calls of one process.
  ///
  /// - Parameter isImmortal: of a process beside the dispatcher, whose calls do not fail.
  func journalCalls(isImmortal: Bool = false) -> JournalFileCalls {
    let life = isImmortal ? -1 : life
    var calls = JournalFileCalls.system
    calls.open = { (path, _) throws(SystemError) in
      try self.begin(life, "open \(path)")
      return try self.open(path)
    }
    calls.create = { (path) throws(SystemError) in
      try self.begin(life, "create \(path)", needsSpace: true)
      return self.create(path)
    }
    calls.close = { self.handles[$0] = nil }
    calls.read = { (handle, buffer, offset) throws(SystemError) in
      try self.begin(life, "read at \(offset)")
      return self.read(handle, buffer, offset)
    }
    calls.size = { (handle) throws(SystemError) in self.content(handle).bytes.count }
    calls.links = { (handle) throws(SystemError) in self.content(handle).links }
    calls.allocate = { (handle, bytes) throws(SystemError) in
      try self.begin(life, "reserve \(bytes) bytes", needsSpace: true)
      self.content(handle).bytes.grow(to: bytes)
    }
    calls.write = { (handle, first, second, offset) throws(SystemError) in
      try self.write(life, handle, first, second, offset)
    }
    calls.startWriteback = { _, _, _ in }
    calls.syncData = { (handle) throws(SystemError) in
      self.syncs += 1
      if !isImmortal { self.whileSyncing?() }
      try self.begin(life, "sync")
      self.content(handle).settle()
    }
    calls.rename = { (path, newPath) throws(SystemError) in
      try self.begin(life, "rename \(path)")
      self.rename(Self.name(path), to: Self.name(newPath))
    }
    calls.remove = { (path) throws(SystemError) in
      try self.begin(life, "remove \(path)")
      self.remove(Self.name(path))
    }
    calls.names = { (folder) throws(SystemError) in
      try self.begin(life, "list \(folder)")
      return self.names(in: folder)
    }
    calls.exists = {
      $0 == Self.folder || self.names[Self.name($0)] != nil || self.folders.contains($0)
    }
    calls.isFolder = { $0 == Self.folder || self.folders.contains($0) }
    calls.makeFolder = { (path) throws(SystemError) in
      try self.begin(life, "make \(path)")
      if path != Self.folder { self.folders.insert(path) }
    }
    calls.removeFolder = { path in
      guard (try? self.begin(life, "remove \(path)")) != nil else { return }
      for name in self.names(in: path) { self.remove(Self.name("\(path)/\(name)")) }
      self.folders.remove(path)
    }
    calls.syncFolder = { (path) throws(SystemError) in
      try self.begin(life, "sync the folder \(path)")
      self.certainNames = self.names
      self.uncertainNames.removeAll(keepingCapacity: true)
    }
    calls.lock = { (path) throws(SystemError) in
      try self.begin(life, "lock \(path)")
      self.lastHandle += 1
      self.lockHandle = self.lastHandle
      return self.lastHandle
    }
    calls.isLocked = { handle, _ in self.lockHandle == handle }
    calls.unlock = { handle, _ in if self.lockHandle == handle { self.lockHandle = nil } }
    calls.lockHolder = { _ in nil }
    calls.wallMs = { Clock.wallMs() }
    calls.monotonicNs = { Clock.monotonicNs() }
    // Epochs of the same millisecond differ by it: here they always do.
    calls.random = { UInt64(self.life) &* 0x9E37_79B9_7F4A_7C15 }
    return calls
  }

  /// Of a file in the journal's folder without that, of others whole.
  private static func name(_ path: String) -> String {
    path.hasPrefix("\(folder)/") ? String(path.dropFirst(folder.utf8.count + 1)) : path
  }

  /// Of the files in a folder, sorted.
  private func names(in folder: String) -> [String] {
    let prefix = folder == Self.folder ? "" : Self.name("\(folder)/")
    return names.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.utf8.count)) }
      .filter { !$0.contains("/") }.sorted()
  }

  /// - Throws: what the disk makes of this call.
  private func begin(_ life: Int, _ operation: String, needsSpace: Bool = false) throws(SystemError) {
    calls += 1
    guard life >= 0 else { return }
    guard life == self.life else { throw SystemError(operation, code: SystemError.brokenDisk) }
    if Self.isOver(&faults.callsUntilDeath) {
      self.life += 1
      throw SystemError(operation, code: SystemError.brokenDisk)
    }
    if Self.isOver(&faults.callsUntilError) { throw SystemError(operation, code: SystemError.brokenDisk) }
    if needsSpace, faults.isFull { throw SystemError(operation, code: SystemError.noSpace) }
  }

  private static func isOver(_ count: inout Int?) -> Bool {
    guard let left = count else { return false }
    count = left > 0 ? left - 1 : nil
    return left == 0
  }

  // MARK: Files

  private func content(_ handle: Int32) -> Content {
    guard let content = handles[handle] else { preconditionFailure("a file is used that is not open") }
    return content
  }

  private func handle(_ content: Content) -> Int32 {
    lastHandle += 1
    handles[lastHandle] = content
    return lastHandle
  }

  private func open(_ path: String) throws(SystemError) -> Int32 {
    guard let content = names[Self.name(path)] else {
      throw SystemError("open \(path)", code: SystemError.nothingThere)
    }
    return handle(content)
  }

  private func create(_ path: String) -> Int32 {
    let name = Self.name(path)
    names[name]?.links = 0
    let content = Content()
    names[name] = content
    uncertainNames.append(.name(content, name: name))
    return handle(content)
  }

  private func read(_ handle: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ offset: Int) -> Int {
    let content = content(handle)
    let count = max(0, min(buffer.count, content.bytes.count - offset))
    guard count > 0 else { return 0 }
    content.bytes.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)]))
    }
    return count
  }

  private func write(
    _ life: Int, _ handle: Int32, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ offset: Int
  ) throws(SystemError) -> Int {
    let whole = first.count + second.count
    let dies = faults.callsUntilDeath == 0 && life == self.life
    // A part of it is there, in whole sectors: a page cache takes pages, and a disk sectors.
    var count = whole
    if dies {
      count = Self.wholeSectors(random.below(whole + 1), at: offset)
    } else if random.chance(faults.shortWrites) {
      count = Self.wholeSectors(1 + random.below(whole), at: offset)
      if count == 0 { count = whole }
    }
    if dies { content(handle).put(first, second, at: offset, count: count) }
    try begin(life, "write \(whole) bytes at \(offset)")
    content(handle).put(first, second, at: offset, count: count)
    return count
  }

  /// As many of `count` bytes from an offset on as end with a sector.
  private static func wholeSectors(_ count: Int, at offset: Int) -> Int {
    max((offset + count) / sectorBytes * sectorBytes - offset, 0)
  }

  private func rename(_ name: String, to newName: String) {
    guard let content = names.removeValue(forKey: name) else {
      preconditionFailure("\(name) is renamed and was never made")
    }
    names[newName]?.links = 0
    names[newName] = content
    uncertainNames.append(.rename(name: name, newName: newName))
  }

  private func remove(_ name: String) {
    guard let content = names.removeValue(forKey: name) else { return }
    content.links = 0
    uncertainNames.append(.remove(name: name))
  }

  /// Puts other contents in the place of everything that is in the folder; all of it is certain.
  func replace(with contents: [String: [UInt8]]) {
    names = contents.mapValues { bytes in
      let content = Content()
      (content.bytes, content.certain) = (bytes, bytes)
      return content
    }
    certainNames = names
    uncertainNames = []
    folders = []
  }
}

extension SimulatedDisk.Content {
  func put(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at offset: Int, count: Int) {
    guard count > 0 else { return }
    bytes.grow(to: offset + count)
    let fromFirst = min(count, first.count)
    bytes.withUnsafeMutableBytes { bytes in
      let place = UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
      // As wholes: not byte by byte where nothing is optimised.
      place.copyMemory(from: UnsafeRawBufferPointer(rebasing: first[..<fromFirst]))
      UnsafeMutableRawBufferPointer(rebasing: place[fromFirst...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: second[..<(count - fromFirst)]))
    }
    if let last = uncertain.last, last.upperBound == offset {
      uncertain[uncertain.count - 1] = last.lowerBound..<(offset + count)
    } else {
      uncertain.append(offset..<(offset + count))
    }
  }

  func settle() {
    certain.grow(to: bytes.count)
    for range in uncertain {
      bytes.withUnsafeBytes { bytes in
        certain.withUnsafeMutableBytes { certain in
          UnsafeMutableRawBufferPointer(rebasing: certain[range]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
      }
    }
    uncertain.removeAll(keepingCapacity: true)
  }
}

extension [UInt8] {
  mutating func grow(to size: Int) {
    if count < size { self += [UInt8](repeating: 0, count: size - count) }
  }
}

extension SystemError {
  fileprivate static let noSpace: Int32 = 28
  fileprivate static let brokenDisk: Int32 = 5
  fileprivate static let nothingThere: Int32 = 2
}
