import Platform

/// A copy of a journal's folder that is as the journal was at one moment, made beside a writer too.
public struct JournalCopy: Sendable, Hashable {
  /// The journal's id.
  public let journal: JournalID
  /// Where the copy ends: behind the last commit that was durable when it was made.
  public let position: JournalPosition
  public let segments: Int
  public let snapshots: Int
  public let bytes: UInt64
  /// Files of the journal that cannot be read, with the system's error: they are not in the copy, nor are the segments
  /// before one of them.
  public let unreadable: [String]

  private static let chunkBytes = 1 << 20

  /// Copies snapshots and segments into a folder that is there and empty, and syncs them.
  ///
  /// - Parameter each: called with the bytes copied so far and those of all.
  /// - Throws: `JournalError`, and what `each` throws.
  public static func make(
    of folder: String, in target: String, calls: JournalFileCalls = .system,
    _ each: (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
  ) throws -> JournalCopy {
    try checkIsRestored(folder, calls: calls)
    let (journal, end) = try end(of: folder, calls)
    let segments = try calls.list(folder).compactMap { JournalNames.firstCommit(ofSegment: $0) }.filter {
      $0 <= end.segment
    }
    let snapshots = try SnapshotStore.commits(folder: folder, calls: calls).filter { $0 <= end.commit }
    let sizes = segments.map { size("\(folder)/\(JournalNames.segment(firstCommit: $0))", calls) }
    let total = sizes.reduce(0, +)
    var bytes: UInt64 = 0
    var kept: [String] = []
    var unreadable: [String] = []
    for first in segments {
      let name = JournalNames.segment(firstCommit: first)
      let limit = first == end.segment ? Int(clamping: end.offset) : nil
      if let count = try copy("\(folder)/\(name)", to: "\(target)/\(name)", limit: limit, &unreadable, calls) {
        bytes += count
        kept.append(name)
      } else {
        // It was let go meanwhile, and so were those before it; or they lead nowhere.
        for name in kept { try calls.remove("\(target)/\(name)") }
        kept = []
      }
      try each(bytes, max(total, bytes))
    }
    var snapshotCount = 0
    for commit in snapshots {
      let name = JournalNames.snapshot(commit: commit)
      guard let count = try copy("\(folder)/\(name)", to: "\(target)/\(name)", limit: nil, &unreadable, calls)
      else { continue }
      bytes += count
      snapshotCount += 1
    }
    try calls.syncFolder(target)
    return JournalCopy(
      journal: journal, position: end, segments: kept.count, snapshots: snapshotCount, bytes: bytes,
      unreadable: unreadable)
  }

  /// Puts a copy back in a folder that has no journal, or what an interrupted restore has left. No dispatcher begins on half
  /// of it. Call with the folder's lock held.
  ///
  /// - Parameter check: looks at the copy before it is put in place.
  /// - Throws: `JournalError`, `SystemError`, and what `check` and `each` throw: the folder has no journal then.
  public static func restore(
    from source: String, in target: String, calls: JournalFileCalls = .system,
    check: (_ copy: JournalCopy, _ folder: String) throws -> Void = { _, _ in },
    _ each: (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
  ) throws {
    let partial = restoring(in: target)
    if isRestoring(target, calls: calls) {
      try remove(from: target, calls: calls)
      try remove(from: partial, calls: calls)
    } else {
      // A link there would lead to what is somebody else's.
      calls.removeFolder(partial)
    }
    try calls.makeFolder(partial)
    try calls.syncFolder(target)
    do {
      try check(make(of: source, in: partial, calls: calls, each), partial)
      try move(from: partial, to: target, calls)
    } catch {
      try remove(from: target, calls: calls)
      calls.removeFolder(partial)
      throw error
    }
    calls.removeFolder(partial)
    // A loss of power must not bring it back, once a dispatcher has gone on with the journal.
    try calls.syncFolder(target)
  }

  private static func move(from folder: String, to target: String, _ calls: JournalFileCalls) throws {
    let names = try calls.list(folder)
    // The beginning comes after all that follows it, and snapshots, with which one can begin too, come last.
    let segments = names.filter { JournalNames.firstCommit(ofSegment: $0) != nil }.reversed()
    let snapshots = names.filter { JournalNames.commit(ofSnapshot: $0) != nil }
    for name in segments + snapshots {
      try calls.rename("\(folder)/\(name)", "\(target)/\(name)")
      try calls.syncFolder(target)
    }
  }

  /// Where a journal is put together that is to be restored in a folder. While it is there, the folder has not all of it.
  public static func restoring(in folder: String) -> String { "\(folder)/restoring.partial" }

  /// Throws what says so when a journal was not wholly restored.
  public static func checkIsRestored(_ folder: String, calls: JournalFileCalls = .system) throws(JournalError) {
    if isRestoring(folder, calls: calls) { throw .halfRestored(folder: folder) }
  }

  /// Was a restore interrupted here? A link in the place of what it leaves is none of its.
  public static func isRestoring(_ folder: String, calls: JournalFileCalls = .system) -> Bool {
    calls.isFolder(restoring(in: folder))
  }

  private static func removeCopy(_ path: String, _ calls: JournalFileCalls) throws(JournalError) {
    do throws(SystemError) { try calls.remove(path) } catch { throw .system(error.about(path)) }
  }

  /// Removes the files of a journal.
  private static func remove(from folder: String, calls: JournalFileCalls) throws {
    for name in try calls.list(folder)
    where JournalNames.firstCommit(ofSegment: name) != nil || JournalNames.commit(ofSnapshot: name) != nil {
      try calls.remove("\(folder)/\(name)")
    }
  }

  /// Has a folder files of a journal? Not if it is not there.
  public static func isThere(_ folder: String, calls: JournalFileCalls = .system) throws(JournalError) -> Bool {
    guard calls.exists(folder) else { return false }
    return try calls.list(folder).contains {
      JournalNames.firstCommit(ofSegment: $0) != nil || JournalNames.commit(ofSnapshot: $0) != nil
    }
  }

  /// Where the journal ends now, made durable: what is copied behind this place may still change, so nothing is.
  private static func end(of folder: String, _ calls: JournalFileCalls) throws -> (JournalID, JournalPosition) {
    let newest = try SnapshotStore.newest(
      folder: folder, of: JournalReader.journal(folder: folder, calls: calls), calls: calls)
    var scan = try JournalScan.open(folder: folder, at: newest.snapshot?.position ?? .start, calls: calls)
    while let commit = try scan.next() { assert(commit.end == scan.position, "a scan stands behind its commit") }
    let position = scan.position
    let reader = try JournalReader.open(folder: folder, at: position, mode: .follow, calls: calls)
    try reader.sync(calls: calls)
    guard let journal = reader.journal else { throw JournalError.noJournal(folder: folder) }
    return (journal, position)
  }

  private static func size(_ path: String, _ calls: JournalFileCalls) -> UInt64 {
    guard let handle = try? calls.open(path, false) else { return 0 }
    defer { calls.close(handle) }
    return UInt64((try? calls.size(handle)) ?? 0)
  }

  /// - Parameter limit: bytes that are copied; the rest is reserved and zeros. Nil for all.
  /// - Returns: bytes of the file; nil when it is not there any more, or cannot be read.
  private static func copy(
    _ path: String, to target: String, limit: Int?, _ unreadable: inout [String], _ calls: JournalFileCalls
  ) throws(JournalError) -> UInt64? {
    var isReading = true
    do throws(SystemError) {
      let source = try calls.open(path, false)
      defer { calls.close(source) }
      let size = try calls.size(source)
      isReading = false
      let copy = try calls.create(target)
      defer { calls.close(copy) }
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 4096)
      defer { buffer.deallocate() }
      let end = min(limit ?? size, size)
      if end < size { try calls.allocate(copy, size) }
      var offset = 0
      while offset < end {
        let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, end - offset)])
        isReading = true
        let count = try calls.read(source, wanted, offset)
        isReading = false
        guard count > 0 else { break }
        try calls.writeAll(UnsafeRawBufferPointer(rebasing: wanted[..<count]), to: copy, at: offset)
        offset += count
      }
      try calls.syncData(copy)
      return UInt64(size)
    } catch {
      guard isReading else { throw .system(error.about(target)) }
      if !error.meansNobodyThere { unreadable.append("\(error.about(path))") }
      if calls.exists(target) { try removeCopy(target, calls) }
      return nil
    }
  }
}
