import Platform
import Simulator

/// What a loss of power, a bad sector or a restored copy makes of the disk.
extension SimulatedDisk {
  /// What of the uncertain sectors a loss of power leaves.
  private enum Luck: CaseIterable {
    case none
    case all
    case some
    case most
  }

  /// The folder's contents, as whoever reads it sees them.
  func contents() throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for name in names.keys { contents[name] = try read(name) }
    return contents
  }

  private func read(_ name: String) throws -> [UInt8] {
    let file = try File.open(readingFrom: "\(folder)/\(name)")
    var bytes = [UInt8](repeating: 0, count: try file.size())
    _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    return bytes
  }

  /// What may be there once the power was gone.
  func contentsAfterPowerLoss(_ random: inout SimulationRandom) throws -> [String: [UInt8]] {
    var names = certainNames
    for naming in uncertainNames.prefix(random.below(uncertainNames.count + 1)) {
      switch naming {
      case .name(let file, let name): names[name] = file
      case .rename(let name, let newName):
        if let file = names.removeValue(forKey: name) { names[newName] = file }
      case .remove(let name): names[name] = nil
      }
    }
    var contents: [String: [UInt8]] = [:]
    for (name, number) in names.sorted(by: { $0.key < $1.key }) {
      guard let file = files[number] else { continue }
      contents[name] = try contents(of: file, &random)
    }
    return contents
  }

  private func contents(of file: Content, _ random: inout SimulationRandom) throws -> [UInt8] {
    guard let name = file.name, !file.uncertain.isEmpty else { return file.certain }
    let newest = try read(name)
    let luck = random.element(of: Luck.allCases) ?? .none
    var bytes = file.certain
    if luck != .none { bytes.grow(to: newest.count) }
    for range in file.uncertain {
      var start = range.lowerBound
      while start < range.upperBound {
        let end = min(start / Self.sectorBytes * Self.sectorBytes + Self.sectorBytes, range.upperBound, newest.count)
        guard start < end else { break }
        let isKept =
          switch luck {
          case .none: false
          case .all: true
          case .some: random.chance(50)
          case .most: random.chance(90)
          }
        if isKept { bytes.replaceSubrange(start..<end, with: newest[start..<end]) }
        start = end
      }
    }
    return bytes
  }

  /// The power goes, and comes again.
  func losePower(_ random: inout SimulationRandom) throws {
    let left = try contentsAfterPowerLoss(&random)
    endLife()
    try replace(with: left)
  }

  /// Spoils something of a segment that was certain.
  ///
  /// - Returns: what; nil when there is nothing to spoil.
  func spoil(_ random: inout SimulationRandom) throws -> String? {
    var contents = try contents()
    let segments = contents.keys.filter { $0.hasSuffix(".rmj") }.sorted()
    guard let name = random.element(of: segments), var bytes = contents[name],
      let last = bytes.lastIndex(where: { $0 != 0 })
    else { return nil }
    let what: String
    if random.chance(40) {
      let first = max(0, last / Self.sectorBytes - random.below(4)) * Self.sectorBytes
      for index in first...last { bytes[index] = 0 }
      what = "lost the end of \(name) from \(first) on"
    } else {
      let index = random.below(last + 1)
      bytes[index] ^= 1 << UInt8(random.below(8))
      what = "flipped a bit of \(name) at \(index)"
    }
    contents[name] = bytes
    try replace(with: contents)
    return what
  }
}
