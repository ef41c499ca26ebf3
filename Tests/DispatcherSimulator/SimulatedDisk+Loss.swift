import SeededRandom

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
  var contents: [String: [UInt8]] { names.mapValues(\.bytes) }

  /// The first commits of the journal's segments, rising.
  var segments: [UInt64] {
    names.keys.compactMap { name in
      name.hasSuffix(".rmj") && !name.contains("/") ? UInt64(name.filter(\.isNumber)) : nil
    }.sorted()
  }

  /// What another folder has, which is gone then.
  func takeContents(of folder: String) -> [String: [UInt8]] {
    var taken: [String: [UInt8]] = [:]
    for (name, content) in names where name.hasPrefix("\(folder)/") {
      taken[String(name.dropFirst(folder.utf8.count + 1))] = content.bytes
      names[name] = nil
    }
    certainNames = certainNames.filter { !$0.key.hasPrefix("\(folder)/") }
    uncertainNames.removeAll { naming in
      if case .name(_, let name) = naming { name.hasPrefix("\(folder)/") } else { false }
    }
    return taken
  }

  /// What may be there once the power was gone.
  func contentsAfterPowerLoss(_ random: inout SeededGenerator) -> [String: [UInt8]] {
    var left = certainNames
    for naming in uncertainNames.prefix(random.below(uncertainNames.count + 1)) {
      switch naming {
      case .name(let content, let name): left[name] = content
      case .rename(let name, let newName):
        if let content = left.removeValue(forKey: name) { left[newName] = content }
      case .remove(let name): left[name] = nil
      }
    }
    var contents: [String: [UInt8]] = [:]
    for (name, content) in left.sorted(by: { $0.key < $1.key }) {
      contents[name] = Self.bytes(of: content, &random)
    }
    return contents
  }

  private static func bytes(of content: Content, _ random: inout SeededGenerator) -> [UInt8] {
    guard !content.uncertain.isEmpty else { return content.certain }
    let luck = random.element(of: Luck.allCases) ?? .none
    var bytes = content.certain
    if luck != .none { bytes.grow(to: content.bytes.count) }
    for range in content.uncertain {
      var start = range.lowerBound
      while start < range.upperBound {
        let end = min(start / sectorBytes * sectorBytes + sectorBytes, range.upperBound)
        let isKept =
          switch luck {
          case .none: false
          case .all: true
          case .some: random.chance(50)
          case .most: random.chance(90)
          }
        if isKept { bytes.replaceSubrange(start..<end, with: content.bytes[start..<end]) }
        start = end
      }
    }
    return bytes
  }

  /// The power goes, and comes again.
  func losePower(_ random: inout SeededGenerator) {
    let left = contentsAfterPowerLoss(&random)
    endLife()
    replace(with: left)
  }

  /// What was spoilt.
  enum Damage {
    /// Sectors that were written are empty.
    case lostEnd
    case flippedBit
  }

  /// Is the last one that was spoilt still there?
  var hasSpoiltSnapshot: Bool { spoiltSnapshot.map { names[$0] != nil } ?? false }

  /// Turns a bit of the newest snapshot over.
  func spoilSnapshot(_ random: inout SeededGenerator) {
    var contents = contents
    guard let name = contents.keys.filter({ $0.hasSuffix(".rms") }).max(), let count = contents[name]?.count else {
      return
    }
    contents[name]![random.below(count)] ^= 1 << UInt8(random.below(8))
    replace(with: contents)
    spoiltSnapshot = name
  }

  /// Spoils something of a segment that was certain.
  ///
  /// - Returns: nil when there is nothing to spoil.
  func spoil(_ random: inout SeededGenerator) -> Damage? {
    var contents = contents
    let segments = contents.keys.filter { $0.hasSuffix(".rmj") }.sorted()
    let isAtEnd = random.chance(30)
    guard let name = isAtEnd ? segments.last : random.element(of: segments), var bytes = contents[name],
      let last = bytes.lastIndex(where: { $0 != 0 })
    else { return nil }
    var damage = Damage.flippedBit
    if random.chance(40) {
      let first = max(0, last / Self.sectorBytes - random.below(4)) * Self.sectorBytes
      for index in first...last { bytes[index] = 0 }
      damage = .lostEnd
    } else {
      let first = isAtEnd ? max(0, last - 4 * Self.sectorBytes) : 0
      let index = first + random.below(last + 1 - first)
      bytes[index] ^= 1 << UInt8(random.below(8))
      let sector = index / Self.sectorBytes * Self.sectorBytes
      if bytes[sector..<min(sector + Self.sectorBytes, bytes.count)].allSatisfy({ $0 == 0 }) { damage = .lostEnd }
    }
    contents[name] = bytes
    replace(with: contents)
    return damage
  }
}
