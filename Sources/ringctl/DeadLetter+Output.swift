import EventJSON
import EventModel
import Presentation
import RingmasterClient
import Terminal

extension DeadLetterView {
  /// Role and name of the peer it came from.
  var senderText: String {
    guard origin.peer != 0 else { return "the dispatcher" }
    return "\(origin.peer) \(Role.name(of: role)) \(peerName)"
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
    if !record.isEmpty { lines.append("  record   \(recordBytes) bytes: \(record.hexadecimal)") }
    return lines
  }
}
