import CRingmaster
import EventBus
import EventCodec
import EventModel

/// The dead letters as a snapshot has them.
public struct SavedDeadLetters: Hashable, Sendable {
  /// The number of the newest one that there ever was.
  public var lastNumber: UInt64 = 0
  /// The oldest first.
  public var letters: [KeptDeadLetter] = []

  public init() {}

  public init(_ store: DeadLetterStore) {
    lastNumber = store.lastNumber
    letters = store.all
  }
}

extension DeadLetterStore {
  public init(_ saved: SavedDeadLetters) {
    self.init()
    for letter in saved.letters { apply(.kept(letter)) }
    skipNumbers(upTo: saved.lastNumber)
  }
}

extension ByteSink {
  mutating func put(_ saved: SavedDeadLetters) {
    var events = RecordWriter()
    put(saved.lastNumber)
    put(count: saved.letters.count)
    for letter in saved.letters { put(letter, &events) }
  }

  /// A letter: number, time, sender, origin, reason, detail, record, and its event as a ring carries it.
  mutating func put(_ kept: KeptDeadLetter, _ events: inout RecordWriter) {
    put(kept.number)
    put(kept.timestampMs)
    put(plain: kept.sender.name)
    put(kept.sender.role)
    put(kept.letter.origin.peer)
    put(kept.letter.origin.position)
    put(kept.letter.reason.rawValue)
    put(plain: JournalFormat.cut(kept.letter.detail))
    put(count: kept.recordBytes)
    put(kept.retries)
    put(count: kept.letter.recordBytes)
    put(count: kept.letter.record.count)
    kept.letter.record.withUnsafeBytes { put($0) }
    guard let event = kept.letter.event, let encoded = try? events.encode(event), Self.decodes(encoded, to: event.body)
    else { return put(count: 0) }
    put(count: encoded.count)
    put(event.timestampMs)
    put(encoded)
  }

  /// An event that came in a record does; one of the dispatcher's own that is no event may be why there is a letter.
  private static func decodes(_ encoded: UnsafeRawBufferPointer, to body: Event.Body) -> Bool {
    let head = encoded.loadUnaligned(as: rm_event_head.self)
    let text = UnsafeRawBufferPointer(rebasing: encoded[MemoryLayout<rm_event_head>.size...])
    return (try? EventDecoder.decode(head, text: text)) == body
  }
}

extension ByteSource {
  mutating func letters() throws(Fault) -> SavedDeadLetters {
    var saved = SavedDeadLetters()
    saved.lastNumber = try number()
    saved.letters = try array { source throws(Fault) in try source.letter() }
    return saved
  }

  mutating func letter() throws(Fault) -> KeptDeadLetter {
    let number = try number()
    let timestampMs: Int64 = try signed()
    let sender = DeadLetterSender(name: try plainText(), role: try unsigned())
    let origin = EventID(peer: try unsigned(), position: try self.number())
    let reason: DeadLetterReason = try code("reason")
    let detail = try plainText()
    let chargedBytes: UInt32 = try unsigned()
    let retries: UInt32 = try unsigned()
    let recordBytes: UInt32 = try unsigned()
    let record = Array(try raw(try count()))
    let letter = DeadLetter(
      event: try event(origin), origin: origin, reason: reason, detail: detail, record: record,
      recordBytes: Int(recordBytes))
    return KeptDeadLetter(
      number: number, timestampMs: timestampMs, sender: sender, letter: letter, recordBytes: Int(chargedBytes),
      retries: retries)
  }

  private mutating func event(_ id: EventID) throws(Fault) -> Event? {
    let count = try count()
    guard count > 0 else { return nil }
    let timestampMs: Int64? = try optionalSigned()
    let bytes = try raw(count)
    guard count >= MemoryLayout<rm_event_head>.size else { throw fault("an event", "\(count) bytes") }
    let head = bytes.loadUnaligned(as: rm_event_head.self)
    do {
      let text = UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<rm_event_head>.size...])
      return Event(id: id, timestampMs: timestampMs, body: try EventDecoder.decode(head, text: text))
    } catch {
      throw fault("an event", "\(error)")
    }
  }
}
