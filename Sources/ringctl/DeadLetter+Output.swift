import EventCodec
import EventJSON
import EventModel
import Presentation
import RingmasterClient
import Terminal

extension DeadLetterRow {
  /// Role and name of the peer it came from.
  var senderText: String {
    guard origin.peer != 0 else { return "the dispatcher" }
    return "\(origin.peer) \(roleName) \(peerName)"
  }

  private var roleName: String {
    Role(rawValue: role)?.name ?? "\(role)"
  }

  var json: JSONValue {
    .object([
      JSONValue.Member("dead_letter", .integer(number)),
      JSONValue.Member("timestamp_ms", .integer(timestampMs)),
      JSONValue.Member("reason", .string(reason.name)),
      JSONValue.Member("detail", .string(detail)),
      JSONValue.Member("event_id", .string(origin.description)),
      JSONValue.Member("peer", .integer(origin.peer)),
      JSONValue.Member("peer_name", .string(peerName)),
      JSONValue.Member("role", .string(origin.peer == 0 ? "dispatcher" : roleName)),
      JSONValue.Member("retries", .integer(retries)),
      JSONValue.Member("event", event?.json ?? .null),
      JSONValue.Member("abridged", .boolean(isAbridged)),
      JSONValue.Member("record_bytes", .integer(recordBytes)),
      JSONValue.Member("record_hex", record.isEmpty ? .null : .string(recordHex)),
    ])
  }

  private var recordHex: String {
    record.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  /// For people.
  func lines(paint: Paint) -> [String] {
    var lines = [
      paint("dead letter \(number)", .bold) + ": " + paint(reason.name, .yellow),
      "  time     \(Instant(ms: timestampMs).text)",
      "  from     \(senderText), event \(origin)".withoutControls,
      "  detail   \(detail)".withoutControls,
      "  retries  \(retries)",
    ]
    if let event {
      lines.append("  event    " + StepText(paint: paint).line(event))
      lines.append("           \(event.json.text)".withoutControls + (isAbridged ? ", without its lists" : ""))
    }
    if !record.isEmpty { lines.append("  record   \(recordBytes) bytes: \(recordHex)") }
    return lines
  }
}
