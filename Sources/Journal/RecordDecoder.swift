import CRingmaster
import Controller
import EventCodec
import EventModel

/// Reads one record of a commit whose checksum was right: what it finds wrong was written wrong.
enum RecordDecoder {
  /// What is wrong with a record.
  struct Fault: Error {
    let expected: String
    let actual: String
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> JournalRecord {
    let record = bytes.load(as: rm_journal_record.self)
    switch UInt32(record.kind) {
    case RM_JOURNAL_EVENT: return .event(try event(bytes))
    case RM_JOURNAL_UNHANDLED: return try unhandled(bytes)
    case RM_JOURNAL_SKIPPED: return .skipped(try skipped(bytes))
    case RM_JOURNAL_PEER_ATTACHED: return .peerAttached(try peer(bytes))
    case RM_JOURNAL_PEER_REMOVED: return .peerRemoved(peer: try fixed(bytes, as: rm_journal_peer_removed.self).peer)
    case RM_JOURNAL_CONFIGURED:
      let raw = try fixed(bytes, as: rm_journal_configuration.self)
      guard let configuration = ControllerConfiguration(raw) else {
        throw Fault(expected: "settings within their ranges", actual: "\(raw)")
      }
      return .configured(configuration)
    case RM_JOURNAL_STARTED:
      let raw = try fixed(bytes, as: rm_journal_start.self)
      return .started(JournaledStart(epoch: raw.epoch, peerNumbersUpTo: raw.peer_numbers_up_to, machine: raw.machine))
    case RM_JOURNAL_PEER_NUMBERS: return .peerNumbers(upTo: try fixed(bytes, as: rm_journal_peer_numbers.self).up_to)
    case RM_JOURNAL_SALVAGED:
      let raw = try fixed(bytes, as: rm_journal_salvage.self)
      return .salvaged(JournaledSalvage(lastCommit: raw.last_commit, lastTransaction: raw.last_transaction))
    case RM_JOURNAL_LETTER: return .letter(try letter(bytes, code: record.code))
    case RM_JOURNAL_TURN: return .turn(try turn(bytes))
    default: throw Fault(expected: "a kind of record of version \(RM_JOURNAL_VERSION)", actual: "kind \(record.kind)")
    }
  }

  private static func turn(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> JournaledTurn {
    let raw = try fixed(bytes, as: rm_journal_turn.self)
    return JournaledTurn(
      record: raw.record_number, stateHash: raw.state_hash, lastTransaction: raw.last_transaction, timeMs: raw.time_ms)
  }

  private static func begin<Raw: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, as type: Raw.Type
  ) throws(Fault) -> Raw {
    guard bytes.count >= MemoryLayout<Raw>.size else {
      throw Fault(expected: "a record of at least \(MemoryLayout<Raw>.size) bytes", actual: "\(bytes.count)")
    }
    return bytes.load(as: type)
  }

  private static func fixed<Raw: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, as type: Raw.Type
  ) throws(Fault) -> Raw {
    guard bytes.count == MemoryLayout<Raw>.size else {
      throw Fault(expected: "a record of \(MemoryLayout<Raw>.size) bytes", actual: "\(bytes.count)")
    }
    return bytes.load(as: type)
  }

  private static func text(_ bytes: UnsafeRawBufferPointer, after size: Int) throws(Fault) -> String {
    guard let text = String(validating: bytes[size...], as: UTF8.self) else {
      throw Fault(expected: "UTF-8", actual: "other bytes")
    }
    return text
  }

  /// The text behind the event says by whom or why.
  private static func unhandled(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> JournalRecord {
    let raw = try begin(bytes, as: rm_journal_event.self)
    let eventBytes = MemoryLayout<rm_journal_event>.size + Int(raw.head.text_bytes)
    guard bytes.count >= eventBytes else {
      throw Fault(expected: "a record of at least \(eventBytes) bytes", actual: "\(bytes.count)")
    }
    let event = try event(UnsafeRawBufferPointer(rebasing: bytes[..<eventBytes]))
    let text = try text(bytes, after: eventBytes)
    if raw.record.code == 0 { return .unhandled(event, .dropped(by: text)) }
    guard let reason = DeadLetterReason(rawValue: raw.record.code) else {
      throw Fault(expected: "a reason for a dead letter", actual: "code \(raw.record.code)")
    }
    return .unhandled(event, .deadLettered(reason, detail: text))
  }

  private static func event(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> JournaledEvent {
    let raw = try begin(bytes, as: rm_journal_event.self)
    let text = UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<rm_journal_event>.size...])
    guard text.count == Int(raw.head.text_bytes) else {
      throw Fault(expected: "\(raw.head.text_bytes) bytes of text", actual: "\(text.count)")
    }
    let body: Event.Body
    let source: EventSource?
    do {
      body = try EventDecoder.decode(raw.head, text: text)
      // Of a program that did not know the tag, anything may stand there.
      source = (try? EventDecoder.source(raw.head, text: text)) ?? nil
    } catch {
      throw Fault(expected: "an event", actual: "\(error)")
    }
    let hasTime = UInt32(raw.record.flags) & RM_JOURNAL_FLAG_NO_TIME == 0
    let event = Event(
      id: EventID(peer: raw.peer, position: raw.position), timestampMs: hasTime ? raw.timestamp_ms : nil, body: body,
      source: source)
    return JournaledEvent(event, slots: raw.slots, wantsResult: wantsResult(raw.record))
  }

  private static func wantsResult(_ record: rm_journal_record) -> Bool {
    UInt32(record.flags) & RM_JOURNAL_FLAG_WANTS_RESULT != 0
  }

  private static func skipped(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> SkippedRecord {
    let raw = try begin(bytes, as: rm_journal_skip.self)
    let text = try text(bytes, after: MemoryLayout<rm_journal_skip>.size)
    return SkippedRecord(
      id: EventID(peer: raw.peer, position: raw.position), slots: raw.slots, wantsResult: wantsResult(raw.record),
      fault: text)
  }

  private static func peer(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> JournaledPeer {
    let raw = try begin(bytes, as: rm_journal_peer.self)
    return JournaledPeer(
      id: raw.peer, epoch: raw.epoch, lane: raw.lane,
      name: try text(bytes, after: MemoryLayout<rm_journal_peer>.size), role: raw.role,
      uid: raw.uid, pid: raw.pid, submissionCapacity: raw.submission_capacity, resultCapacity: raw.result_capacity,
      tokenHash: withUnsafeBytes(of: raw.token_hash) { ChainHash($0) })
  }
}
