import CRingmaster
import EventCodec
import EventModel

/// Calls `body` with an event's head and text as a ring carries them.
func withRingForm<Result>(
  of event: Event, _ body: (rm_event_head, UnsafeRawBufferPointer) throws -> Result
) throws -> Result {
  var encoder = RecordWriter()
  let bytes = try encoder.encode(event, wantsResult: true, timestampNs: 99)
  let head = bytes.load(as: rm_event_head.self)
  return try body(head, UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<rm_event_head>.size...]))
}
