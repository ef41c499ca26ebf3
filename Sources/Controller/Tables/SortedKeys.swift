/// Keys in ascending order, in chunks: insertion, removal and search move at most one chunk's worth of memory.
struct SortedKeys<Key: Comparable & BitwiseCopyable & Sendable>: ~Copyable, Sendable {
  private static var chunkCapacity: Int { 64 }
  private static var chunkMinimum: Int { 16 }

  /// Each non-empty, but for the only one.
  private var chunks: [[Key]] = []
  private(set) var count = 0

  var first: Key? { chunks.first?.first }

  mutating func insert(_ key: Key) {
    count += 1
    guard !chunks.isEmpty else {
      chunks.append([key])
      return
    }
    let chunk = chunkIndex(for: key)
    let offset = offset(of: key, in: chunk)
    precondition(
      offset == chunks[chunk].count || chunks[chunk][offset] != key, "a key is inserted that is there already")
    chunks[chunk].insert(key, at: offset)
    if chunks[chunk].count > Self.chunkCapacity {
      split(chunk)
    }
  }

  mutating func remove(_ key: Key) {
    precondition(!chunks.isEmpty, "a key is removed that is not there")
    let chunk = chunkIndex(for: key)
    let offset = offset(of: key, in: chunk)
    precondition(
      offset < chunks[chunk].count && chunks[chunk][offset] == key, "a key is removed that is not there")
    chunks[chunk].remove(at: offset)
    count -= 1
    if chunks[chunk].isEmpty {
      if chunks.count > 1 { chunks.remove(at: chunk) }
    } else if chunks[chunk].count < Self.chunkMinimum {
      mergeWithNext(chunk)
    }
  }

  /// The lowest key that is not below `key`.
  func first(atOrAfter key: Key) -> Key? {
    guard !chunks.isEmpty else { return nil }
    let chunk = chunkIndex(for: key)
    let offset = offset(of: key, in: chunk)
    if offset < chunks[chunk].count { return chunks[chunk][offset] }
    return chunk + 1 < chunks.count ? chunks[chunk + 1][0] : nil
  }

  /// The lowest key above `key`.
  func first(after key: Key) -> Key? {
    guard !chunks.isEmpty else { return nil }
    let chunk = chunkIndex(for: key)
    var offset = offset(of: key, in: chunk)
    if offset < chunks[chunk].count, chunks[chunk][offset] == key { offset += 1 }
    if offset < chunks[chunk].count { return chunks[chunk][offset] }
    return chunk + 1 < chunks.count ? chunks[chunk + 1][0] : nil
  }

  /// The last chunk that does not begin above `key`, or the first.
  private func chunkIndex(for key: Key) -> Int {
    var low = 0
    var high = chunks.count
    while high - low > 1 {
      let middle = (low + high) >> 1
      if key < chunks[middle][0] { high = middle } else { low = middle }
    }
    return low
  }

  private func offset(of key: Key, in chunk: Int) -> Int {
    var low = 0
    var high = chunks[chunk].count
    while low < high {
      let middle = (low + high) >> 1
      if chunks[chunk][middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func split(_ chunk: Int) {
    // Keys mostly come in ascending order: a split at the end leaves a full chunk behind.
    let isLast = chunk == chunks.count - 1
    let kept = isLast ? Self.chunkCapacity : Self.chunkCapacity >> 1
    let tail = Array(chunks[chunk][kept...])
    chunks[chunk] = Array(chunks[chunk][..<kept])
    chunks.insert(tail, at: chunk + 1)
  }

  private mutating func mergeWithNext(_ chunk: Int) {
    let next = chunk + 1
    guard next < chunks.count, chunks[chunk].count + chunks[next].count <= Self.chunkCapacity - Self.chunkMinimum
    else { return }
    let tail = chunks.remove(at: next)
    chunks[chunk].append(contentsOf: tail)
  }
}
