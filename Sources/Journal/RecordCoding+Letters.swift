import CRingmaster
import EventBus
import EventCodec

extension RecordEncoder {
  /// What became of a dead letter: the kind of change is the record's code, the rest as in a snapshot.
  mutating func encode<Result>(_ change: DeadLetterChange, _ write: (Parts) -> Result) -> Result {
    var sink = ByteSink()
    var raw = rm_journal_record()
    raw.kind = UInt8(RM_JOURNAL_LETTER)
    switch change {
    case .kept(let letter):
      raw.code = UInt8(RM_JOURNAL_LETTER_KEPT)
      sink.put(letter, &events)
    case .retriedInVain(let number, let reason, let detail):
      raw.code = UInt8(RM_JOURNAL_LETTER_RETRIED)
      sink.put(number)
      sink.put(reason.rawValue)
      sink.put(plain: JournalFormat.cut(detail))
    case .removed(let number):
      raw.code = UInt8(RM_JOURNAL_LETTER_REMOVED)
      sink.put(number)
    }
    raw.bytes = UInt32(MemoryLayout<rm_journal_record>.size + sink.count)
    return withUnsafeBytes(of: raw) { write(Parts(head: $0, text: sink.bytes)) }
  }
}

extension RecordDecoder {
  static func letter(_ bytes: UnsafeRawBufferPointer, code: UInt8) throws(Fault) -> DeadLetterChange {
    var source = ByteSource(UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<rm_journal_record>.size...]))
    do throws(ByteSource.Fault) {
      let change = try change(code, &source)
      guard source.isAtEnd else { throw source.fault("the end of the record", "more bytes") }
      return change
    } catch {
      throw Fault(expected: error.expected, actual: error.actual)
    }
  }

  private static func change(
    _ code: UInt8, _ source: inout ByteSource
  ) throws(ByteSource.Fault) -> DeadLetterChange {
    switch UInt32(code) {
    case RM_JOURNAL_LETTER_KEPT: return .kept(try source.letter())
    case RM_JOURNAL_LETTER_RETRIED:
      return .retriedInVain(try source.number(), try source.code("reason"), detail: try source.plainText())
    case RM_JOURNAL_LETTER_REMOVED: return .removed(try source.number())
    default: throw source.fault("what becomes of a letter", "code \(code)")
    }
  }
}
