/// From names to slots, without a copy of the names: open addressing over 8 bytes an entry, a third of what a
/// dictionary takes. Its order depends on the process's hash seed and is never read.
struct NameIndex: ~Copyable, Sendable {
  private struct Entry: BitwiseCopyable {
    var hash: UInt32 = 0
    var slot = noSlot
  }

  private static var partBits: Int { 8 }

  /// A power of two in number, at most three quarters in use, so a search always ends.
  private var entries: [Entry] = Array(repeating: Entry(), count: 16)
  private(set) var count = 0

  /// The slot of `name`; `nameAt` gives the name that a slot has.
  func slot(named name: String, nameAt: (Int) -> String) -> Int? {
    let hash = Self.hash(name)
    var position = home(of: hash)
    while entries[position].slot != noSlot {
      if entries[position].hash == hash {
        let slot = Int(entries[position].slot)
        if nameAt(slot).isSame(as: name) { return slot }
      }
      position = next(position)
    }
    return nil
  }

  /// Adds a name that is not there yet.
  mutating func insert(_ name: String, slot: Int) {
    if (count + 1) * 4 > entries.count * 3 { grow(to: entries.count * 2) }
    place(Entry(hash: Self.hash(name), slot: UInt32(slot)))
    count += 1
  }

  /// Fills an empty index with names of which there are no two alike.
  ///
  /// They are placed one part of the table after the other: in their own order each would miss the caches.
  mutating func insertAll(_ names: [(name: String, slot: Int)]) {
    precondition(count == 0, "all names are inserted at once into an empty index")
    var capacity = entries.count
    while names.count * 4 > capacity * 3 { capacity *= 2 }
    entries = Array(repeating: Entry(), count: capacity)
    let shift = max(capacity.trailingZeroBitCount - Self.partBits, 0)
    var placed = Array(repeating: Entry(), count: names.count)
    var ends = Array(repeating: 0, count: 1 << Self.partBits)
    var made: [Entry] = []
    made.reserveCapacity(names.count)
    for (name, slot) in names {
      let entry = Entry(hash: Self.hash(name), slot: UInt32(slot))
      ends[home(of: entry.hash) >> shift] += 1
      made.append(entry)
    }
    var sum = 0
    for part in ends.indices {
      let size = ends[part]
      ends[part] = sum
      sum += size
    }
    for entry in made {
      let part = home(of: entry.hash) >> shift
      placed[ends[part]] = entry
      ends[part] += 1
    }
    for entry in placed { place(entry) }
    count = names.count
  }

  mutating func remove(_ name: String, slot: Int) {
    var hole = home(of: Self.hash(name))
    while entries[hole].slot != UInt32(slot) {
      precondition(entries[hole].slot != noSlot, "a name is removed that is not there")
      hole = next(hole)
    }
    // Moves back what a search would no longer reach across the hole.
    var position = next(hole)
    while entries[position].slot != noSlot {
      let distance = (position &- home(of: entries[position].hash)) & (entries.count - 1)
      if distance >= (position &- hole) & (entries.count - 1) {
        entries[hole] = entries[position]
        hole = position
      }
      position = next(position)
    }
    entries[hole] = Entry()
    count -= 1
  }

  private mutating func grow(to capacity: Int) {
    let old = entries
    entries = Array(repeating: Entry(), count: capacity)
    for entry in old where entry.slot != noSlot {
      place(entry)
    }
  }

  private mutating func place(_ entry: Entry) {
    var position = home(of: entry.hash)
    while entries[position].slot != noSlot { position = next(position) }
    entries[position] = entry
  }

  private func home(of hash: UInt32) -> Int {
    Int(hash) & (entries.count - 1)
  }

  private func next(_ position: Int) -> Int {
    (position + 1) & (entries.count - 1)
  }

  private static func hash(_ name: String) -> UInt32 {
    UInt32(truncatingIfNeeded: name.hashValue)
  }
}
