import CRingmaster
import EventBus
import EventCodec
import EventModel

/// What nobody could handle: kept, told, retried and dropped.
extension DispatchLoop {
  /// Bytes kept of a record that was no event.
  private static let recordBytesKept = 1024

  mutating func keep(_ letter: DeadLetter, recordBytes: Int, lane: Int?) {
    letters.keep(
      letter, from: lane.map { lanes[$0] }, recordBytes: recordBytes, timestampMs: clock.nowMs, &journal)
  }

  /// Keeps a record that could not be read as an event, with its first bytes. One of a mere observer is only counted: it
  /// would have been forbidden.
  mutating func keepRecord(
    _ head: rm_event_head, _ text: UnsafeRawBufferPointer, id: EventID, reason: DeadLetterReason, detail: String,
    lane: Int
  ) {
    var bytes = withUnsafeBytes(of: head) { Array($0) }
    let whole = bytes.count + text.count
    bytes += text.prefix(Self.recordBytesKept - bytes.count)
    let letter = DeadLetter(
      event: nil, origin: id, reason: reason, detail: detail, record: bytes, recordBytes: whole)
    bus.deadLetter(letter)
    if lanes[lane].pointee.role != .observe { keep(letter, recordBytes: bytes.count, lane: lane) }
  }

  /// Keeps a letter for each peer that has given up records since the last look, because its ring stayed full: what it
  /// wanted to say is known to nobody here, and that it wanted to is.
  mutating func keepShedRecords() {
    for lane in lanes.occupied.members {
      let shed = lanes[lane].pointee.consumer.producerCounters().shed
      let before = lanes[lane].pointee.shed
      // With no room for the letter, it is told at the next look.
      guard shed != before, journal.hasRoom() else { continue }
      lanes[lane].pointee.shed = shed
      // The peer's own word: one that counts back has nothing to tell, and an observer had nothing that counts.
      guard shed > before, lanes[lane].pointee.role != .observe else { continue }
      let letter = DeadLetter(
        event: nil, origin: EventID(peer: lanes[lane].pointee.id, position: lanes[lane].pointee.consumer.position),
        reason: .overflow, detail: "\(shed - before) records given up: the submission ring stayed full")
      bus.deadLetter(letter)
      keep(letter, recordBytes: 0, lane: lane)
    }
  }

  /// Handles a letter's event once more, as a new event of the peer that asks for it.
  ///
  /// Who asks learns what came of it as of any event of its own. A letter whose event fails again stays, with the reason.
  mutating func retryLetter(_ number: UInt64, because reason: String, slots: Int, as id: EventID, lane: Int) {
    guard let kept = grantLetter(number, "retry", because: reason, as: id, lane: lane) else { return }
    guard let original = kept.letter.event else {
      let detail = "dead letter \(kept.number) holds no event that could be retried: \(kept.letter.detail)"
      return refuse(id, reason: kept.letter.reason, detail: detail, lane: lane)
    }
    guard lanes[lane].pointee.role.maySend(original) else {
      return refuse(id, reason: .forbidden, detail: "\(original.kind.name) is the dispatcher's own", lane: lane)
    }
    let signed: Event
    // Of its source it was handled when the letter was written.
    do { signed = try self.signed(original.said(by: nil), recordBytes: Int(RM_RECORD_MAX_BYTES), lane: lane) } catch {
      return refuse(id, reason: .malformed, detail: "\(error)", lane: lane)
    }
    delivery.begin(original.kind, from: nil)
    let result = bus.dispatch(signed.stamped(id: id, timestampMs: clock.nowMs), to: &state)
    let record = append(result, slots: slots, lane: lane, wantsResult: true)
    letters.noteRetry(kept.number, result.deadLetter, &journal)
    account(for: result, original.kind, origin: lane, record: record)
  }

  /// Forgets a letter; the answer is its row.
  mutating func dropLetter(_ number: UInt64, because reason: String, as id: EventID, lane: Int) {
    guard let kept = grantLetter(number, "drop", because: reason, as: id, lane: lane) else { return }
    var answer = PendingQuery(request: id.position, entity: nil, cursor: 0, rowsLeft: 1)
    answer.record = letters.drop(kept.number, &journal)
    answer.preparedRows = [.deadLetter(DeadLetterView(kept))]
    lanes[lane].pointee.results?.pointee.queries.append(answer)
  }

  /// Finds the letter that a peer asks for, if it may; the dispatcher's log then says why it does. Else the peer is refused.
  private mutating func grantLetter(
    _ number: UInt64, _ action: String, because reason: String, as id: EventID, lane: Int
  ) -> KeptDeadLetter? {
    guard lanes[lane].pointee.role == .control else {
      refuse(id, reason: .forbidden, detail: "only a control peer may retry or drop dead letters", lane: lane)
      return nil
    }
    guard let kept = letters.store[number] else {
      // Its removal may be lost yet, and then it is there when this is read again.
      refuse(
        id, reason: .unknownEntity, detail: "there is no dead letter \(number)", record: journal.lastRecord, lane: lane)
      return nil
    }
    notices.offer(.operatorActed(peer: id.peer, action: "\(action) dead letter \(number)", reason: reason))
    return kept
  }

  /// Rows of `deadLetterCounter`.
  static var deadLetterCounters: Int { 2 + DeadLetterReason.allCases.count }

  func deadLetterCounter(_ index: Int) -> Row? {
    switch index {
    case 0: return .counter(name: "dead_letters_kept", value: UInt64(letters.store.count))
    case 1: return .counter(name: "dead_letters_pushed_out", value: letters.store.overflowed)
    case 2..<Self.deadLetterCounters:
      let reason = DeadLetterReason.allCases[index - 2]
      return .counter(name: "dead_letters_\(reason.name)", value: bus.counters.deadLetters(reason))
    default: return nil
    }
  }
}

extension DeadLetterView {
  init(_ kept: KeptDeadLetter) {
    self.init(
      number: kept.number, timestampMs: kept.timestampMs, reason: kept.letter.reason,
      detail: kept.letter.detail.cut(toBytes: Limits.errorBytes),
      origin: kept.letter.origin, peerName: kept.sender.name, role: kept.sender.role, retries: kept.retries,
      event: kept.letter.event, isAbridged: kept.letter.event?.isAbridgedInRow ?? false, record: kept.letter.record,
      recordBytes: UInt32(clamping: kept.letter.recordBytes))
  }
}
