import SeededRandom

/// Damages inputs at random: flips and overwrites bytes, cuts, repeats and splices pieces.
struct ByteMutator {
  private static let maxMutations = 6
  private static let maxPiece = 80
  /// Numbers at which sizes, counts and signs go wrong.
  private static let telling: [UInt64] = [
    0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, .max >> 1, 1 << 63, .max,
  ]

  var random: SeededGenerator
  let corpus: [[UInt8]]
  let words: [[UInt8]]

  /// - Parameter words: what is worth putting somewhere.
  init(seed: UInt64, corpus: [[UInt8]], words: [String] = []) {
    precondition(!corpus.isEmpty, "there must be something to damage")
    random = SeededGenerator(seed: seed)
    self.corpus = corpus
    self.words = words.map { Array($0.utf8) }
  }

  mutating func next() -> [UInt8] {
    var bytes = corpus[random.below(corpus.count)]
    for _ in 0...random.below(Self.maxMutations) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else {
      bytes = [UInt8(random.below(256))]
      return
    }
    let place = random.below(bytes.count)
    switch random.below(9) {
    case 0: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1: bytes[place] = UInt8(random.below(256))
    case 2: overwrite(&bytes, at: place)
    case 3: bytes.removeSubrange(place..<end(after: place, bytes.count))
    case 4: bytes.insert(contentsOf: bytes[place..<end(after: place, bytes.count)], at: place)
    case 5: bytes.removeSubrange(place...)
    case 6:
      let other = corpus[random.below(corpus.count)]
      bytes.replaceSubrange(place..., with: other[random.below(other.count + 1)...])
    case 7: bytes.swapAt(place, random.below(bytes.count))
    default: if let word = random.element(of: words) { bytes.insert(contentsOf: word, at: place) }
    }
  }

  private mutating func end(after start: Int, _ count: Int) -> Int {
    min(start + 1 + random.below(Self.maxPiece), count)
  }

  /// A telling number of 1, 2, 4 or 8 bytes.
  private mutating func overwrite(_ bytes: inout [UInt8], at place: Int) {
    let number = Self.telling[random.below(Self.telling.count)]
    let width = 1 << random.below(4)
    for index in 0..<width where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> (8 * index))
    }
  }
}
