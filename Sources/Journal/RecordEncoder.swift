import CRingmaster
import Controller
import EventCodec
import EventModel

/// Writes records as bytes. Allocates nothing but its one buffer.
struct RecordEncoder: ~Copyable, @unchecked Sendable {
  var events = RecordWriter()

  /// A record as it is to be copied out: a head, and text behind it.
  struct Parts {
    /// One behind the other; valid during the call they are handed to.
    let head: UnsafeRawBufferPointer
    let text: UnsafeRawBufferPointer
    var tail = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  private static var noText: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  /// Calls `write` with the record's parts.
  ///
  /// - Throws: `CodecError.tooLong` for an event that fits no record; none that was decoded from one is that long.
  mutating func encode<Result>(
    _ record: JournalRecord, _ write: (Parts) -> Result
  ) throws(CodecError) -> Result {
    switch record {
    case .event(let journaled): return try encode(journaled, write)
    case .unhandled(let journaled, let reason): return try encode(journaled, unhandled: reason, write)
    case .skipped(let skipped): return encode(skipped, write)
    case .peerAttached(let peer): return encode(peer, write)
    case .peerRemoved(let peer):
      var raw = rm_journal_peer_removed()
      raw.peer = peer
      return Self.fixed(&raw, kind: RM_JOURNAL_PEER_REMOVED, write)
    case .configured(let configuration):
      var raw = rm_journal_configuration(configuration)
      return Self.fixed(&raw, kind: RM_JOURNAL_CONFIGURED, write)
    case .started(let start):
      var raw = rm_journal_start()
      raw.epoch = start.epoch
      raw.peer_numbers_up_to = start.peerNumbersUpTo
      raw.machine = start.machine
      return Self.fixed(&raw, kind: RM_JOURNAL_STARTED, write)
    case .peerNumbers(upTo: let number):
      var raw = rm_journal_peer_numbers()
      raw.up_to = number
      return Self.fixed(&raw, kind: RM_JOURNAL_PEER_NUMBERS, write)
    case .salvaged(let salvage):
      var raw = rm_journal_salvage()
      raw.last_commit = salvage.lastCommit
      raw.last_transaction = salvage.lastTransaction
      return Self.fixed(&raw, kind: RM_JOURNAL_SALVAGED, write)
    case .letter(let change): return encode(change, write)
    case .turn(let turn):
      var raw = rm_journal_turn()
      raw.record_number = turn.record
      raw.state_hash = turn.stateHash
      raw.last_transaction = turn.lastTransaction
      raw.time_ms = turn.timeMs
      return Self.fixed(&raw, kind: RM_JOURNAL_TURN, write)
    }
  }

  /// Calls `write` with the parts of an event's record.
  ///
  /// - Parameters:
  ///   - timestampMs: nil when the event has none.
  ///   - unhandled: why it never entered the state machine; nil when it did.
  static func encode<Result>(
    _ event: EventRecord, id: EventID, slots: UInt32, timestampMs: Int64?, wantsResult: Bool,
    unhandled: UnhandledReason? = nil, _ write: (Parts) -> Result
  ) -> Result {
    switch unhandled {
    case nil:
      encode(event, id, slots, timestampMs, wantsResult, kind: RM_JOURNAL_EVENT, code: 0, write)
    case .dropped(by: var middleware):
      middleware.withUTF8 {
        encode(event, id, slots, timestampMs, wantsResult, kind: RM_JOURNAL_UNHANDLED, code: 0, tail: $0, write)
      }
    case .deadLettered(let reason, var detail):
      detail.withUTF8 {
        encode(
          event, id, slots, timestampMs, wantsResult, kind: RM_JOURNAL_UNHANDLED, code: reason.rawValue, tail: $0, write
        )
      }
    }
  }

  @inline(__always)
  private static func encode<Result>(
    _ event: EventRecord, _ id: EventID, _ slots: UInt32, _ timestampMs: Int64?, _ wantsResult: Bool, kind: UInt32,
    code: UInt8, tail: UnsafeBufferPointer<UInt8> = UnsafeBufferPointer(start: nil, count: 0),
    _ write: (Parts) -> Result
  ) -> Result {
    let tail = wholeCharacters(UnsafeRawBufferPointer(tail), limit: JournalFormat.skipTextBytes)
    var raw = rm_journal_event()
    raw.record.bytes = UInt32(MemoryLayout<rm_journal_event>.size + event.text.count + tail.count)
    raw.record.kind = UInt8(kind)
    raw.record.flags =
      (wantsResult ? UInt8(RM_JOURNAL_FLAG_WANTS_RESULT) : 0)
      | (timestampMs == nil ? UInt8(RM_JOURNAL_FLAG_NO_TIME) : 0)
    raw.record.code = code
    raw.peer = id.peer
    raw.position = id.position
    raw.slots = slots
    raw.timestamp_ms = timestampMs ?? 0
    raw.head = event.head
    return withUnsafeBytes(of: raw) { write(Parts(head: $0, text: event.text, tail: tail)) }
  }

  private mutating func encode<Result>(
    _ journaled: JournaledEvent, unhandled: UnhandledReason? = nil, _ write: (Parts) -> Result
  ) throws(CodecError) -> Result {
    Self.encode(
      try events.record(of: journaled.event), id: journaled.event.id, slots: journaled.slots,
      timestampMs: journaled.event.timestampMs, wantsResult: journaled.wantsResult, unhandled: unhandled, write)
  }

  private func encode<Result>(_ skipped: SkippedRecord, _ write: (Parts) -> Result) -> Result {
    var raw = rm_journal_skip()
    raw.record.kind = UInt8(RM_JOURNAL_SKIPPED)
    raw.record.flags = skipped.wantsResult ? UInt8(RM_JOURNAL_FLAG_WANTS_RESULT) : 0
    raw.peer = skipped.id.peer
    raw.position = skipped.id.position
    raw.slots = skipped.slots
    var fault = skipped.fault
    return fault.withUTF8 { utf8 in
      let kept = Self.wholeCharacters(UnsafeRawBufferPointer(utf8), limit: JournalFormat.skipTextBytes)
      raw.record.bytes = UInt32(MemoryLayout<rm_journal_skip>.size + kept.count)
      return withUnsafeBytes(of: raw) { write(Parts(head: $0, text: kept)) }
    }
  }

  /// As many as fit: a character cut in two could not be read again.
  private static func wholeCharacters(_ utf8: UnsafeRawBufferPointer, limit: Int) -> UnsafeRawBufferPointer {
    var count = min(utf8.count, limit)
    while count > 0, count < utf8.count, utf8[count] & 0xC0 == 0x80 { count -= 1 }
    return UnsafeRawBufferPointer(rebasing: utf8[..<count])
  }

  private func encode<Result>(_ peer: JournaledPeer, _ write: (Parts) -> Result) -> Result {
    var raw = rm_journal_peer()
    raw.record.kind = UInt8(RM_JOURNAL_PEER_ATTACHED)
    raw.peer = peer.id
    raw.epoch = peer.epoch
    raw.lane = peer.lane
    raw.role = peer.role
    raw.uid = peer.uid
    raw.pid = peer.pid
    raw.submission_capacity = peer.submissionCapacity
    raw.result_capacity = peer.resultCapacity
    peer.tokenHash.withUnsafeBytes { store($0, in: &raw.token_hash) }
    var name = peer.name
    return name.withUTF8 { utf8 in
      let kept = Self.wholeCharacters(UnsafeRawBufferPointer(utf8), limit: Limits.nameBytes)
      raw.record.bytes = UInt32(MemoryLayout<rm_journal_peer>.size + kept.count)
      return withUnsafeBytes(of: raw) { write(Parts(head: $0, text: kept)) }
    }
  }

  /// - Parameter raw: begins with its `rm_journal_record`, as all records do.
  private static func fixed<Raw: BitwiseCopyable, Result>(
    _ raw: inout Raw, kind: UInt32, _ write: (Parts) -> Result
  ) -> Result {
    var record = rm_journal_record()
    record.bytes = UInt32(MemoryLayout<Raw>.size)
    record.kind = UInt8(kind)
    return withUnsafeMutableBytes(of: &raw) { bytes in
      bytes.storeBytes(of: record, as: rm_journal_record.self)
      return write(Parts(head: UnsafeRawBufferPointer(bytes), text: noText))
    }
  }
}
