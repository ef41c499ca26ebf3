import CRingmaster
import Controller
import EventCodec
import EventModel

/// Finds out, before an event is handled, whether the journal would give it back as it is: for events that were not decoded
/// from a record, such as the dispatcher's own and those that a middleware has changed. What does not decode must not be
/// written, or nobody could read the journal again.
public struct RecordCheck: ~Copyable {
  private var encoder = RecordEncoder()
  private let bytes = UnsafeMutableRawBufferPointer.allocate(
    byteCount: JournalFormat.padded(JournalFormat.maximumRecordBytes, to: JournalFormat.recordAlignment), alignment: 16)

  public init() {}

  deinit {
    bytes.deallocate()
  }

  /// What is wrong with an event; nil when it comes out as it goes in.
  public mutating func problem(with event: Event) -> String? {
    problem(with: .event(JournaledEvent(event, slots: 0, wantsResult: false)))
  }

  /// What is wrong with a record; nil when it comes out as it goes in.
  public mutating func problem(with record: JournalRecord) -> String? {
    let bytes = bytes
    do {
      let count = try encoder.encode(record) { parts in
        var count = 0
        for part in [parts.head, parts.text, parts.tail] where count + part.count <= bytes.count {
          UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(from: part)
          count += part.count
        }
        return count
      }
      let decoded = try RecordDecoder.decode(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      return decoded == record ? nil : "it would come out of the journal as another one"
    } catch let fault as RecordDecoder.Fault {
      return "expected \(fault.expected), found \(fault.actual)"
    } catch {
      return "\(error)"
    }
  }
}
