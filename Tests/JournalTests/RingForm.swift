import CRingmaster
import EventCodec
import EventModel

/// Calls `body` with an event as a ring carries it.
func withRingForm<Result>(
  of event: Event, _ body: (EventRecord) throws -> Result
) throws -> Result {
  var encoder = RecordWriter()
  let bytes = try encoder.encode(event, wantsResult: true, timestampNs: 99)
  let head = bytes.load(as: rm_event_head.self)
  return try body(
    EventRecord(accepted: head, text: UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<rm_event_head>.size...])))
}
