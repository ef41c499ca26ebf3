import CRingmaster
import EventCodec
import EventModel
import Platform

/// The dispatch thread's half of a journal's writer: puts records into memory for the committer.
///
/// Driven by one thread. Nothing here waits, takes a lock or allocates; `seal` makes a system call only to wake a committer
/// that sleeps.
public struct JournalAppender: ~Copyable, Sendable {
  private let queue: JournalQueue
  private let bell: Doorbell?
  private var encoder = RecordEncoder()
  /// Where the next record goes.
  private var position: UInt64 = 0
  private var sealed: UInt64 = 0
  /// The committer's position as last seen.
  private var consumed: UInt64 = 0
  /// The number of the newest record appended; records count from 1 through the whole journal.
  public private(set) var lastRecord: UInt64

  private static let turnBytes = UInt64(JournalFormat.turnBytes)

  /// - Parameter bell: wakes the committer; nil when whoever drives it polls.
  init(queue: JournalQueue, bell: consuming Doorbell?, lastRecord: UInt64) {
    self.queue = queue
    self.bell = bell
    self.lastRecord = lastRecord
  }

  /// The number of the newest record that survives a loss of power: everything up to it may be acknowledged.
  public var durable: UInt64 {
    @inline(__always) get { queue.durable }
  }

  public var status: JournalStatus { queue.status }

  /// What failed when the status is `failed`.
  public var failure: SystemError? { queue.failure.withLock { $0 } }

  /// Is anything appended and not sealed?
  public var isTurnOpen: Bool { position != sealed }

  /// Is there room for one record of any length, and for another one behind it if the queue is not of the smallest? With that,
  /// and a writer that has not failed, an append is not refused.
  public mutating func hasRoom() -> Bool {
    fits(min(2 * Self.longestRecord, queue.capacity &- Self.turnBytes))
  }

  /// Bytes that can wait for the disk.
  public var queueBytes: UInt64 { queue.capacity }

  /// Bytes that wait for the disk.
  public var backlogBytes: UInt64 { position &- queue.consumed }

  /// Appends a record behind all others.
  ///
  /// - Returns: its number; nil when there is no room until the committer has written, or when the writer has failed.
  /// - Throws: `CodecError.tooLong` for an event that is longer than any that was decoded from a record.
  public mutating func append(_ record: JournalRecord) throws(CodecError) -> UInt64? {
    if case .turn = record { preconditionFailure("turns are ended by seal") }
    let queue = queue
    var position = position
    let room = room()
    let taken = try encoder.encode(record) { parts in Self.put(parts, in: queue, at: &position, room: room) }
    self.position = position
    return taken ? count() : nil
  }

  /// Appends an event without encoding it again.
  ///
  /// - Parameters:
  ///   - timestampMs: nil when it has none of its own.
  ///   - unhandled: why it never entered the state machine; nil when it did.
  /// - Returns: as `append(_:)`.
  public mutating func append(
    _ event: EventRecord, id: EventID, slots: UInt32, timestampMs: Int64?, wantsResult: Bool,
    unhandled: UnhandledReason? = nil
  ) -> UInt64? {
    let queue = queue
    var position = position
    let room = room()
    let taken = RecordEncoder.encode(
      event, id: id, slots: slots, timestampMs: timestampMs, wantsResult: wantsResult, unhandled: unhandled
    ) { parts in Self.put(parts, in: queue, at: &position, room: room) }
    self.position = position
    return taken ? count() : nil
  }

  /// Ends a turn: what was appended since the last one may be written now, and is recovered as a whole or not at all. Does
  /// nothing when nothing was appended.
  ///
  /// - Parameters:
  ///   - stateHash: of the state machine after all that was appended.
  ///   - lastTransaction: the number of the newest one it has made.
  ///   - timeMs: the controller's clock.
  public mutating func seal(stateHash: UInt64, lastTransaction: UInt64, timeMs: Int64) {
    guard isTurnOpen else { return }
    precondition(free >= Self.turnBytes, "an append leaves room for the end of its turn")
    lastRecord &+= 1
    var turn = rm_journal_turn()
    turn.record.bytes = UInt32(JournalFormat.turnBytes)
    turn.record.kind = UInt8(RM_JOURNAL_TURN)
    turn.record_number = lastRecord
    turn.state_hash = stateHash
    turn.last_transaction = lastTransaction
    turn.time_ms = timeMs
    // Every append leaves room for this.
    queue.address(of: position).storeBytes(of: turn, as: rm_journal_turn.self)
    position &+= Self.turnBytes
    sealed = position
    queue.sealed = position
    if queue.committerIsParked() { ring() }
  }

  private func ring() {
    switch bell {
    case .some(let bell): bell.ring()
    case .none: break
    }
  }

  private mutating func count() -> UInt64 {
    lastRecord &+= 1
    return lastRecord
  }

  /// Bytes that a record may take, so that the end of its turn still fits; none once the writer has failed.
  private mutating func room() -> UInt64 {
    guard queue.status != .failed else { return 0 }
    if free < Self.comfortableBytes { consumed = queue.consumed }
    return free > Self.turnBytes ? free &- Self.turnBytes : 0
  }

  private mutating func fits(_ bytes: UInt64) -> Bool { room() >= bytes }

  private var free: UInt64 { queue.capacity &- (position &- consumed) }

  /// With so many bytes free the committer's line is not looked at: the longest records fit.
  private static let comfortableBytes = 2 * longestRecord + turnBytes
  private static let longestRecord = UInt64(
    JournalFormat.padded(JournalFormat.maximumRecordBytes, to: JournalFormat.recordAlignment))

  @inline(__always)
  private static func put(
    _ parts: RecordEncoder.Parts, in queue: JournalQueue, at position: inout UInt64, room: UInt64
  ) -> Bool {
    let bytes = parts.head.count + parts.text.count + parts.tail.count
    let whole = JournalFormat.padded(bytes, to: JournalFormat.recordAlignment)
    guard UInt64(whole) <= room else { return false }
    precondition(
      bytes <= JournalFormat.maximumRecordBytes, "a record is at most \(JournalFormat.maximumRecordBytes) bytes")
    precondition(
      bytes == Int(parts.head.load(as: rm_journal_record.self).bytes), "a record's head says how long it is")
    let place = queue.address(of: position)
    // The padding first: the last word of the record is stored whole.
    place.storeBytes(of: 0, toByteOffset: whole - JournalFormat.recordAlignment, as: UInt64.self)
    place.copyMemory(from: parts.head.baseAddress!, byteCount: parts.head.count)
    if let text = parts.text.baseAddress {
      (place + parts.head.count).copyMemory(from: text, byteCount: parts.text.count)
    }
    if let tail = parts.tail.baseAddress {
      (place + parts.head.count + parts.text.count).copyMemory(from: tail, byteCount: parts.tail.count)
    }
    position &+= UInt64(whole)
    return true
  }
}
