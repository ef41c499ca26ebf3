import EventJSON
import EventModel

extension Event {
  /// The event whose `json` was archived: all of it, also what only the dispatcher says.
  init(archived text: String, id: EventID) throws {
    do throws(EventJSONError) {
      let event = try EventJSONDecoder(timestamps: .optional, speaker: .archive).event(from: Array(text.utf8))
      self.init(id: id, timestampMs: event.timestampMs, body: event.body, source: event.source)
    } catch {
      throw ArchivedEventError(field: error.field, text: text)
    }
  }
}

/// An archived event that cannot be understood.
struct ArchivedEventError: Error, CustomStringConvertible {
  let field: String
  let text: String

  var description: String {
    "expected an archived event with a \(field) that this version knows, found \(text); use the newer program"
  }
}
