/// The job of each shape that is asked for next, by the cpu that its tasks need: finds the oldest of those that need
/// no more than a limit of anything. Of S shapes every operation looks at about √S, and where there are few, at a few; at
/// more where something else than cpu is short.
struct CandidatesBySize: ~Copyable, Sendable {
  private struct Entry: BitwiseCopyable, Sendable {
    let size: SizeKey
    var job: QueueKey
  }

  /// What the tasks of a shape need, by its slot.
  typealias Needs = [WaitingJobs.Shape]

  /// Neighbours in the order of their sizes; not empty, unless it is the only one.
  private struct Chunk: Sendable {
    var entries: [Entry]
    var oldest: QueueKey
    /// At least as much as each of them needs.
    var most: Amounts

    init(_ entries: [Entry], most: Amounts) {
      self.entries = entries
      self.most = most
      oldest = entries[0].job
      findOldest()
    }

    mutating func findOldest() {
      oldest = entries[0].job
      for entry in entries.dropFirst() where entry.job < oldest { oldest = entry.job }
    }

    /// Where an entry of this size is, or would be.
    func offset(of size: SizeKey) -> Int {
      var low = 0
      var high = entries.count
      while low < high {
        let middle = (low + high) >> 1
        if entries[middle].size < size { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private static var chunkCapacity: Int { 256 }

  private var chunks: [Chunk] = []

  /// The oldest job of those whose tasks need no more than `free`.
  func oldest(upTo free: Amounts, _ needs: borrowing Needs) -> QueueKey? {
    var oldest: QueueKey?
    for chunk in chunks.indices {
      let count = chunks[chunk].entries.count
      guard count > 0 else { break }
      if chunks[chunk].most.fits(in: free) {
        oldest = Self.older(oldest, chunks[chunk].oldest)
        continue
      }
      for entry in 0..<count {
        guard chunks[chunk].entries[entry].size.cpu <= free.milliCPU else { return oldest }
        let shape = Int(chunks[chunk].entries[entry].size.shape)
        guard needs[shape].ask.needed.fits(in: free) else { continue }
        oldest = Self.older(oldest, chunks[chunk].entries[entry].job)
      }
    }
    return oldest
  }

  private static func older(_ known: QueueKey?, _ other: QueueKey) -> QueueKey {
    if let known, known < other { known } else { other }
  }

  /// Makes `job` the one of its shape that is asked for next.
  ///
  /// - Parameter needed: by its tasks.
  mutating func set(_ size: SizeKey, _ needed: Amounts, to job: QueueKey) {
    guard !chunks.isEmpty else {
      chunks.append(Chunk([Entry(size: size, job: job)], most: needed))
      return
    }
    let chunk = chunkIndex(for: size)
    let offset = chunks[chunk].offset(of: size)
    if offset < chunks[chunk].entries.count, chunks[chunk].entries[offset].size == size {
      let replaced = chunks[chunk].entries[offset].job
      chunks[chunk].entries[offset].job = job
      if job < chunks[chunk].oldest {
        chunks[chunk].oldest = job
      } else if replaced == chunks[chunk].oldest {
        chunks[chunk].findOldest()
      }
      return
    }
    chunks[chunk].entries.insert(Entry(size: size, job: job), at: offset)
    let count = chunks[chunk].entries.count
    if count == 1 { chunks[chunk].most = needed } else { chunks[chunk].most.formMaximum(needed) }
    if count == 1 || job < chunks[chunk].oldest { chunks[chunk].oldest = job }
    if count > Self.chunkCapacity { split(chunk) }
  }

  mutating func remove(_ size: SizeKey) {
    precondition(!chunks.isEmpty, "a shape is removed that is not there")
    let chunk = chunkIndex(for: size)
    let offset = chunks[chunk].offset(of: size)
    precondition(
      offset < chunks[chunk].entries.count && chunks[chunk].entries[offset].size == size,
      "a shape is removed that is not there")
    let removed = chunks[chunk].entries.remove(at: offset)
    if chunks[chunk].entries.isEmpty {
      if chunks.count > 1 { chunks.remove(at: chunk) }
    } else if removed.job == chunks[chunk].oldest {
      chunks[chunk].findOldest()
    }
  }

  /// The last chunk that does not begin above `size`, or the first.
  private func chunkIndex(for size: SizeKey) -> Int {
    var low = 0
    var high = chunks.count
    while high - low > 1 {
      let middle = (low + high) >> 1
      if size < chunks[middle].entries[0].size { high = middle } else { low = middle }
    }
    return low
  }

  private mutating func split(_ chunk: Int) {
    let middle = chunks[chunk].entries.count >> 1
    let tail = Chunk(Array(chunks[chunk].entries[middle...]), most: chunks[chunk].most)
    chunks[chunk].entries.removeSubrange(middle...)
    chunks[chunk].findOldest()
    chunks.insert(tail, at: chunk + 1)
  }
}
