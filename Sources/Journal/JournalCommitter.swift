import CRingmaster
import Platform

/// The journal thread's half of a journal's writer: writes what was sealed and syncs it, one commit at a time, each holding
/// all turns sealed meanwhile.
///
/// Driven by one thread, with blocking calls. Holds the journal's lock.
public struct JournalCommitter: ~Copyable, Sendable {
  public enum Progress: Sendable, Hashable {
    /// Nothing was sealed.
    case idle
    case committed
    /// A commit waits for space, and keeps what it holds.
    case waitingForSpace
    /// `JournalStatus.failed`.
    case failed
  }

  public private(set) var counters = JournalCounters()
  /// Behind the last commit.
  public private(set) var position: JournalPosition
  /// Why the last turn came to nothing: what it waits for, or what failed.
  public private(set) var obstacle: SystemError?
  let queue: JournalQueue
  let bell: Doorbell
  private let lock: JournalLock
  private let calls: JournalFileCalls
  private let segmentSize: Int
  private let journal: JournalID
  private var segment: OpenSegment
  private var preparation: SegmentPreparation
  /// From this offset of the segment on the next one is made ready.
  private var preparationStart: Int
  /// Preparing failed for lack of space: the next commit tries again.
  private var preparationRests = false
  /// Up to here the queue was written.
  private var consumed: UInt64 = 0
  /// Up to here a commit reaches that found no space: what may be on the disk of it is written again as it was.
  private var unfinished: UInt64?

  /// The segment that commits go to.
  struct OpenSegment: ~Copyable {
    let file: JournalFile
    let number: UInt64
    let bytes: Int
  }

  init(
    queue: JournalQueue, bell: consuming Doorbell, lock: consuming JournalLock,
    segmentBytes: Int, journal: JournalID, position: JournalPosition, segment: consuming OpenSegment
  ) {
    self.queue = queue
    self.bell = bell
    calls = lock.calls
    preparation = SegmentPreparation(folder: lock.folder, bytes: segmentBytes, calls: calls)
    self.lock = lock
    segmentSize = segmentBytes
    self.journal = journal
    self.position = position
    // What was left out before is not caught up with at once: the first commits of a new start would wait for a disk that
    // is busy with zeros.
    preparationStart = max(
      Self.preparationStart(segment.bytes), Int(position.offset) + segment.bytes / Self.restShare)
    self.segment = segment
  }

  /// Writes and syncs all that was sealed, as one commit, and makes it known as durable. When nothing was, it may make a part
  /// of the next segment ready.
  public mutating func turn() -> Progress {
    guard queue.status != .failed else { return .failed }
    let end = unfinished ?? queue.sealed
    guard end != consumed else {
      prepareWhenIdle()
      return .idle
    }
    do throws(WriteFault) {
      try commit(upTo: end)
    } catch {
      switch error {
      case .noSpace(let error):
        obstacle = error
        if unfinished == nil { counters.spaceWaits += 1 }
        unfinished = end
        queue.status = .outOfSpace
        return .waitingForSpace
      case .broken(let error):
        obstacle = error
        queue.fail(error)
        return .failed
      }
    }
    unfinished = nil
    obstacle = nil
    preparationRests = false
    if queue.status == .outOfSpace { queue.status = .running }
    prepareInStep()
    return .committed
  }

  private mutating func commit(upTo end: UInt64) throws(WriteFault) {
    precondition(end > consumed && end - consumed <= queue.capacity, "what is committed was sealed and is in the queue")
    let body = UnsafeRawBufferPointer(start: queue.address(of: consumed), count: Int(end - consumed))
    let bytes = JournalFormat.commitBytes(body: body.count)
    if Int(position.offset) + bytes > segment.bytes { try rollOver() }
    precondition(Int(position.offset) + bytes <= segment.bytes, "a commit fits an empty segment")
    var header = header(of: body)
    CommitHeader.finish(&header)
    let startNs = calls.monotonicNs()
    do throws(SystemError) {
      try Swift.withUnsafeBytes(of: header) { (head) throws(SystemError) in
        try segment.file.write(head, body, at: Int(position.offset))
      }
    } catch {
      throw WriteFault(beforeSync: error)
    }
    do throws(SystemError) {
      try segment.file.sync()
      // What is synced in a folder that was removed is on no disk, and with another's lock there two would write.
      guard lock.isHeld, try segment.file.links() > 0 else { throw .removed(lock.folder) }
    } catch {
      throw .broken(error)
    }
    precondition(header.record_count > 0, "a commit has a record")
    position.hash = Swift.withUnsafeBytes(of: header) { ChainHash(hashing: $0, body) }
    position.commit = header.number
    position.lastRecord += UInt64(header.record_count)
    position.lastTransaction = header.last_transaction
    position.commitOffset = position.offset
    position.offset += UInt64(bytes)
    consumed = end
    queue.consumed = end
    queue.durable = position.lastRecord
    counters.count(records: UInt64(header.record_count), bytes: bytes, ns: calls.monotonicNs() - startNs)
  }

  private func header(of body: UnsafeRawBufferPointer) -> rm_journal_commit_header {
    // What is sealed ends with a turn.
    let turn = body.load(fromByteOffset: body.count - JournalFormat.turnBytes, as: rm_journal_turn.self)
    precondition(UInt32(turn.record.kind) == RM_JOURNAL_TURN, "what is sealed ends with a turn")
    precondition(turn.record_number > position.lastRecord, "records are numbered upwards")
    var header = rm_journal_commit_header()
    header.magic = RM_JOURNAL_COMMIT_MAGIC
    header.body_bytes = UInt32(body.count)
    header.body_crc = rm_crc32c(0, body.baseAddress, body.count)
    header.number = position.commit + 1
    header.first_record = position.lastRecord + 1
    header.record_count = UInt32(turn.record_number - position.lastRecord)
    header.state_hash = turn.state_hash
    header.last_transaction = turn.last_transaction
    header.time_ms = turn.time_ms
    journal.withUnsafeBytes { store($0, in: &header.journal_id) }
    position.hash.withUnsafeBytes { store($0, in: &header.previous_hash) }
    return header
  }

  // MARK: Segments

  /// Goes on in the next segment, which gets its name when it is whole.
  mutating func rollOver() throws(WriteFault) {
    let file = try preparation.take()
    segment = try Self.begin(
      consume file, folder: lock.folder, bytes: segmentSize, number: segment.number + 1, journal: journal,
      position: position)
    position.enterSegment()
    preparationStart = Self.preparationStart(segment.bytes)
    counters.segments += 1
  }

  /// Writes a prepared file's header and gives it its name.
  static func begin(
    _ file: consuming JournalFile, folder: String, bytes: Int, number: UInt64, journal: JournalID,
    position: JournalPosition
  ) throws(WriteFault) -> OpenSegment {
    let header = SegmentHeader(
      segmentBytes: bytes, number: number, firstCommit: position.commit + 1, firstRecord: position.lastRecord + 1,
      createdMs: file.calls.wallMs(), journal: journal, previousHash: position.hash)
    var file = file
    do throws(SystemError) {
      try header.write(to: file)
    } catch {
      throw WriteFault(beforeSync: error)
    }
    do throws(SystemError) {
      try file.sync()
      try file.rename(
        to: "\(folder)/\(JournalNames.segment(firstCommit: position.commit + 1))", in: folder)
    } catch {
      throw .broken(error)
    }
    return OpenSegment(file: file, number: number, bytes: bytes)
  }

  /// From this share of a segment on the next one is made ready, in percent.
  private static let preparationStartPercent = 25
  /// After a start none is made ready until a part of the segment of this size was filled, as one in so many.
  private static let restShare = 256

  private static func preparationStart(_ segmentBytes: Int) -> Int {
    segmentBytes / 100 * preparationStartPercent
  }

  /// Has the next segment ready when half of what was left of this one is filled.
  private mutating func prepareInStep() {
    let filled = Int(position.offset) - preparationStart
    guard filled > 0 else { return }
    let wanted = Int(2 * Double(segment.bytes) * Double(filled) / Double(max(segment.bytes - preparationStart, 1)))
    while !preparationRests, !preparation.isComplete, preparation.filledBytes < wanted { prepare() }
  }

  private mutating func prepareWhenIdle() {
    guard !preparationRests, Int(position.offset) > preparationStart else { return }
    prepare()
  }

  /// A failure here harms nobody yet: who needs the segment meets it again.
  private mutating func prepare() {
    do { try preparation.advance() } catch { preparationRests = true }
  }
}
