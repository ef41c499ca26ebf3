import Platform

/// What is on a disk, step by step: what is there for certain, and what may be there or not when the power goes.
///
/// Nothing of a file is certain before it was synced, and of what was written since, any sectors may be there. Names are
/// certain once the folder was synced; before, they come about in the order in which they were made, as journaling file
/// systems see to it.
public struct LostPower: Sendable {
  private struct File {
    var certain: [UInt8] = []
    var uncertain: [Write] = []
  }

  /// A write that no sync has followed.
  public struct Write: Sendable {
    public let file: Int
    public let offset: Int
    public let bytes: [UInt8]
  }

  private enum Naming {
    case create(file: Int, name: String)
    case rename(name: String, newName: String)
    case remove(name: String)
  }

  /// Written whole or not at all; no disk has smaller ones.
  public static let sectorBytes = 512

  private var files: [Int: File] = [:]
  private var certainNames: [String: Int] = [:]
  private var uncertainNames: [Naming] = []
  /// The highest numbers that were told and begun.
  public private(set) var told: UInt64 = 0
  public private(set) var begun: UInt64 = 0

  public init() {}

  public mutating func take(_ step: RecordedDisk.Step) {
    switch step {
    case .create(let file, let name):
      files[file] = File()
      uncertainNames.append(.create(file: file, name: name))
    case .write(let file, let offset, let bytes):
      files[file]!.uncertain.append(Write(file: file, offset: offset, bytes: bytes))
    case .allocate(let file, let bytes):
      // Of no other consequence than zeros at the end, which count as being there.
      files[file]!.uncertain.append(Write(file: file, offset: bytes, bytes: []))
    case .sync(let file):
      for write in files[file]!.uncertain { files[file]!.certain.put(write.bytes[...], at: write.offset) }
      files[file]!.uncertain = []
    case .rename(let name, let newName): uncertainNames.append(.rename(name: name, newName: newName))
    case .remove(let name): uncertainNames.append(.remove(name: name))
    case .syncFolder:
      certainNames = names(uncertainNames.count)
      uncertainNames = []
    case .told(let number): told = max(told, number)
    case .begun(let number): begun = max(begun, number)
    }
  }

  /// Of all files, in the order of their making and writing.
  public var uncertainWrites: [Write] {
    files.sorted { $0.key < $1.key }.flatMap(\.value.uncertain)
  }

  public var uncertainNameCount: Int { uncertainNames.count }

  /// The files by their names when so many of the uncertain names have come about, and of each uncertain write what
  /// `kept` says.
  public func image(names count: Int, _ kept: (_ index: Int, _ write: Write) -> ArraySlice<UInt8>?) -> [String: [UInt8]]
  {
    var contents = files.mapValues(\.certain)
    for (index, write) in uncertainWrites.enumerated() {
      guard let slice = kept(index, write) else { continue }
      contents[write.file]!.put(slice, at: write.offset + slice.startIndex)
    }
    return names(count).mapValues { contents[$0]! }
  }

  /// The same moment with each uncertain write cut into sectors, of which some are taken away.
  public func scatteringSectors(_ random: inout some RandomNumberGenerator) -> LostPower {
    var scattered = self
    for (file, content) in files {
      scattered.files[file]!.uncertain = content.uncertain.flatMap { write in
        let sectors =
          write.offset / Self.sectorBytes...(write.offset + max(write.bytes.count, 1) - 1) / Self.sectorBytes
        return sectors.compactMap { (sector) -> Write? in
          guard Bool.random(using: &random) else { return nil }
          let start = max(sector * Self.sectorBytes - write.offset, 0)
          let end = min((sector + 1) * Self.sectorBytes - write.offset, write.bytes.count)
          return Write(file: file, offset: write.offset + start, bytes: Array(write.bytes[start..<end]))
        }
      }
    }
    return scattered
  }

  private func names(_ count: Int) -> [String: Int] {
    var names = certainNames
    for naming in uncertainNames.prefix(count) {
      switch naming {
      case .create(let file, let name): names[name] = file
      case .rename(let name, let newName):
        guard let file = names.removeValue(forKey: name) else {
          preconditionFailure("\(name) is renamed and not there")
        }
        names[newName] = file
      case .remove(let name): names[name] = nil
      }
    }
    return names
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    if count < offset + bytes.count { self += [UInt8](repeating: 0, count: offset + bytes.count - count) }
    replaceSubrange(offset..<(offset + bytes.count), with: bytes)
  }
}
