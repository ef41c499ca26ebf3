import CRingmaster
import Platform

/// A journal that is written: its two halves, each for one thread.
public struct JournalWriter: ~Copyable {
  public let journal: JournalID
  /// Bytes of a torn commit that were replaced by zeros.
  public let cutBytes: UInt64
  private var appenderHalf: JournalAppender?
  private var committerHalf: JournalCommitter?

  /// Goes on with the journal whose lock is held, at its end: cuts a torn commit off, writes the last commit once more, so
  /// that what was read of it from the page cache is on the medium, and syncs. Makes the first segment when there is none,
  /// and another one after a salvage, whose first record then waits to be sealed.
  ///
  /// - Parameters:
  ///   - end: as a reader of mode `.recover` or `.salvage` found it with the lock held.
  public static func open(
    _ lock: consuming JournalLock, at end: JournalEnd, configuration: JournalConfiguration = JournalConfiguration()
  ) throws(JournalError) -> JournalWriter {
    configuration.check()
    let calls = lock.calls
    do {
      let folder = lock.folder
      let journal = end.journal ?? .random()
      var position = end.position
      let segment: JournalCommitter.OpenSegment
      if end.journal == nil || end.salvage != nil {
        let number = end.segmentNumber + 1
        segment = try begin(folder, configuration, journal, number: number, position, calls)
        position.enterSegment()
      } else {
        segment = try resume(folder, end, calls)
      }
      let queue = try JournalQueue(bytes: configuration.queueBytes, durableRecord: position.lastRecord)
      let bell = try Doorbell()
      var appender = JournalAppender(queue: queue, bell: try bell.duplicate(), lastRecord: position.lastRecord)
      if let salvage = end.salvage {
        guard try appender.append(.salvaged(salvage)) != nil else {
          preconditionFailure("a new queue has room for one record")
        }
      }
      return JournalWriter(
        journal: journal, cutBytes: end.tornBytes, appender: appender,
        committer: JournalCommitter(
          queue: queue, bell: bell, lock: lock, segmentBytes: configuration.segmentBytes,
          journal: journal, position: position, segment: segment))
    } catch let error as SystemError {
      throw .system(error)
    } catch WriteFault.noSpace(let error), WriteFault.broken(let error) {
      throw .system(error)
    } catch {
      preconditionFailure("a writer fails by system errors alone, got \(error)")
    }
  }

  private init(
    journal: JournalID, cutBytes: UInt64, appender: consuming JournalAppender, committer: consuming JournalCommitter
  ) {
    self.journal = journal
    self.cutBytes = cutBytes
    appenderHalf = consume appender
    committerHalf = consume committer
  }

  /// The half of the thread that makes the records. Once.
  public mutating func appender() -> JournalAppender {
    appenderHalf.take()!
  }

  /// The half of the thread that writes them. Once.
  public mutating func committer() -> JournalCommitter {
    committerHalf.take()!
  }

  private static func begin(
    _ folder: String, _ configuration: JournalConfiguration, _ journal: JournalID, number: UInt64,
    _ position: JournalPosition, _ calls: JournalFileCalls
  ) throws -> JournalCommitter.OpenSegment {
    var preparation = SegmentPreparation(folder: folder, bytes: configuration.segmentBytes, calls: calls)
    return try JournalCommitter.begin(
      try preparation.take(), folder: folder, bytes: configuration.segmentBytes, number: number, journal: journal,
      position: position)
  }

  private static func resume(
    _ folder: String, _ end: JournalEnd, _ calls: JournalFileCalls
  ) throws -> JournalCommitter.OpenSegment {
    let path = "\(folder)/\(JournalNames.segment(firstCommit: end.position.segment))"
    let file = try JournalFile.open(path, forWriting: true, calls: calls)
    let offset = Int(end.position.offset)
    if try file.size() < end.segmentBytes { try file.allocate(bytes: end.segmentBytes) }
    if end.tornBytes > 0 {
      let zeros = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(end.tornBytes), alignment: 16)
      defer { zeros.deallocate() }
      zeros.initializeMemory(as: UInt8.self, repeating: 0)
      try file.write(UnsafeRawBufferPointer(zeros), at: offset)
    }
    let last = Int(end.position.commitOffset)
    if last > 0 {
      let commit = UnsafeMutableRawBufferPointer.allocate(byteCount: offset - last, alignment: 16)
      defer { commit.deallocate() }
      try file.read(into: commit, at: last)
      try file.write(UnsafeRawBufferPointer(commit), at: last)
    }
    try file.sync()
    try calls.sync(folder: folder)
    return JournalCommitter.OpenSegment(file: file, number: end.segmentNumber, bytes: end.segmentBytes)
  }
}
