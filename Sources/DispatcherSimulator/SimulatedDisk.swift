import Journal
import Platform
import Simulator

/// A disk for one journal: a folder in memory, with an account of what of it a loss of power leaves, and with faults.
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
  }

  struct Content {
    var certain: [UInt8] = []
    var uncertain: [Range<Int>] = []
    /// Its name now; nil once it has none.
    var name: String?
  }

  enum Naming {
    case name(file: Int, name: String)
    case rename(name: String, newName: String)
    case remove(name: String)
  }

  static let sectorBytes = 512
  private static let noSpace: Int32 = 28
  private static let inputOutputError: Int32 = 5

  let folder: String
  var faults = Faults()
  var random = SimulationRandom(seed: 0)
  /// Called in the middle of a sync, while it takes its time.
  var whileSyncing: (() -> Void)?
  /// Of the process that may use the disk now: what one that has died still asks for fails.
  private(set) var life = 0
  private(set) var calls = 0
  var files: [Int: Content] = [:]
  var names: [String: Int] = [:]
  var certainNames: [String: Int] = [:]
  var uncertainNames: [Naming] = []
  private var numbers: [FileIdentity: Int] = [:]
  private var fileCount = 0

  init(folder: String) {
    self.folder = folder
  }

  /// Whoever used the disk is dead.
  func endLife() {
    life += 1
    faults.callsUntilDeath = nil
    faults.callsUntilError = nil
  }

  /// The calls of one process.
  func journalCalls() -> JournalFileCalls {
    let life = life
    var calls = JournalFileCalls.system
    calls.create = { (path) throws(SystemError) in
      try self.begin(life, "create \(path)", needsSpace: true)
      let file = try File.create(path)
      self.note(file.rawDescriptor, name: Self.name(path))
      return file
    }
    calls.allocate = { (descriptor, bytes) throws(SystemError) in
      try self.begin(life, "reserve \(bytes) bytes", needsSpace: true)
      try File.allocate(descriptor, bytes: bytes)
      self.dirty(descriptor, bytes..<bytes)
    }
    calls.write = { (descriptor, first, second, offset) throws(SystemError) in
      try self.write(life, descriptor, first, second, offset)
    }
    calls.syncData = { (descriptor) throws(SystemError) in
      self.whileSyncing?()
      try self.begin(life, "sync")
      self.settle(descriptor)
    }
    calls.rename = { (path, newPath) throws(SystemError) in
      try self.begin(life, "rename \(path)")
      try Folder.rename(path, to: newPath)
      self.rename(Self.name(path), to: Self.name(newPath))
    }
    calls.remove = { (path) throws(SystemError) in
      try self.begin(life, "remove \(path)")
      try Folder.removeFile(path)
      self.remove(Self.name(path))
    }
    calls.syncFolder = { (path) throws(SystemError) in
      try self.begin(life, "sync the folder \(path)")
      self.certainNames = self.names
      self.uncertainNames = []
    }
    return calls
  }

  static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// - Throws: what the disk makes of this call.
  private func begin(_ life: Int, _ operation: String, needsSpace: Bool = false) throws(SystemError) {
    calls += 1
    guard life == self.life else { throw SystemError(operation, code: Self.inputOutputError) }
    if Self.isOver(&faults.callsUntilDeath) {
      self.life += 1
      throw SystemError(operation, code: Self.inputOutputError)
    }
    if Self.isOver(&faults.callsUntilError) { throw SystemError(operation, code: Self.inputOutputError) }
    if needsSpace, faults.isFull { throw SystemError(operation, code: Self.noSpace) }
  }

  private static func isOver(_ count: inout Int?) -> Bool {
    guard let left = count else { return false }
    count = left > 0 ? left - 1 : nil
    return left == 0
  }

  private func write(
    _ life: Int, _ descriptor: Int32, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ offset: Int
  ) throws(SystemError) -> Int {
    var first = first
    var second = second
    let dies = faults.callsUntilDeath == 0 && life == self.life
    if dies || random.chance(faults.shortWrites) {
      // A part of it is there.
      let kept = random.below(first.count + second.count + 1)
      if kept > 0 || dies {
        second = UnsafeRawBufferPointer(rebasing: second[..<max(0, min(second.count, kept - first.count))])
        first = UnsafeRawBufferPointer(rebasing: first[..<min(first.count, kept)])
      }
    }
    if dies, first.count + second.count > 0 {
      _ = try File.write(first, second, to: descriptor, at: offset)
      dirty(descriptor, offset..<(offset + first.count + second.count))
    }
    try begin(life, "write \(first.count + second.count) bytes at \(offset)")
    let count = try File.write(first, second, to: descriptor, at: offset)
    dirty(descriptor, offset..<(offset + count))
    return count
  }

  // MARK: The account

  private func number(_ descriptor: Int32) -> Int {
    guard let identity = FileIdentity(of: descriptor), let number = numbers[identity] else {
      preconditionFailure("a file is changed that was never made")
    }
    return number
  }

  private func note(_ descriptor: Int32, name: String) {
    guard let identity = FileIdentity(of: descriptor) else { preconditionFailure("an open file has an identity") }
    if let known = numbers[identity], files[known]?.name == name {
      // Made anew in its place, which cuts it off.
      files[known]?.name = nil
    }
    if let before = names[name] { files[before]?.name = nil }
    fileCount += 1
    numbers[identity] = fileCount
    files[fileCount] = Content(name: name)
    names[name] = fileCount
    uncertainNames.append(.name(file: fileCount, name: name))
  }

  private func dirty(_ descriptor: Int32, _ range: Range<Int>) {
    let file = number(descriptor)
    if let last = files[file]!.uncertain.last, last.upperBound == range.lowerBound {
      files[file]!.uncertain[files[file]!.uncertain.count - 1] = last.lowerBound..<range.upperBound
    } else {
      files[file]!.uncertain.append(range)
    }
  }

  private func settle(_ descriptor: Int32) {
    let file = number(descriptor)
    for range in files[file]!.uncertain {
      files[file]!.certain.grow(to: range.upperBound)
      files[file]!.certain.withUnsafeMutableBytes { bytes in
        _ = try? File.read(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: bytes[range]), at: range.lowerBound)
      }
    }
    files[file]!.uncertain.removeAll(keepingCapacity: true)
  }

  private func rename(_ name: String, to newName: String) {
    guard let file = names.removeValue(forKey: name) else { preconditionFailure("\(name) is renamed and was never made") }
    if let before = names[newName] { files[before]?.name = nil }
    names[newName] = file
    files[file]?.name = newName
    uncertainNames.append(.rename(name: name, newName: newName))
  }

  private func remove(_ name: String) {
    guard let file = names.removeValue(forKey: name) else { return }
    files[file]?.name = nil
    uncertainNames.append(.remove(name: name))
  }

  /// Puts other contents in the place of everything that is in the folder; all of it is certain.
  func replace(with contents: [String: [UInt8]]) throws {
    for name in names.keys { try Folder.removeFile("\(folder)/\(name)") }
    (files, names, certainNames, uncertainNames, numbers) = ([:], [:], [:], [], [:])
    for (name, bytes) in contents.sorted(by: { $0.key < $1.key }) {
      let file = try File.create("\(folder)/\(name)")
      note(file.rawDescriptor, name: name)
      _ = try bytes.withUnsafeBytes {
        try File.write($0, UnsafeRawBufferPointer(start: nil, count: 0), to: file.rawDescriptor, at: 0)
      }
      files[fileCount]!.certain = bytes
    }
    certainNames = names
    uncertainNames = []
  }
}

extension [UInt8] {
  mutating func grow(to size: Int) {
    if count < size { append(contentsOf: repeatElement(0, count: size - count)) }
  }
}
