/// The reference of all events: `man ringmaster-events`.
extension Vocabulary {
  func manPage() -> String {
    var out = Text()
    out.add(".\\\" \(Output.notice)")
    out.add(".TH RINGMASTER-EVENTS 7 \"@DATE@\" \"Ringmaster @VERSION@\" \"Ringmaster\"")
    out.add(".SH NAME")
    out.add("ringmaster-events \\- the events of a Ringmaster cluster controller")
    out.add(".SH DESCRIPTION")
    out.add(
      "An event says that something happened or is asked for. Each line of NDJSON is one event: an object with its")
    out.add(".B type")
    out.add(
      "and the members listed here. Unknown members are refused. A worker, job or task is named by its name, or by its")
    out.add("handle as")
    out.add(".IR # INDEX . GENERATION .")
    out.add("In a record of a ring the same fields are at the places that")
    out.add(".I ringmaster_records.h")
    out.add("gives.")
    for (source, title) in [
      (EventForm.Source.report, "REPORTS"), (.request, "REQUESTS"), (.clock, "EVENTS OF THE DISPATCHER"),
    ] {
      out.add(".SH \(title)")
      out.add("Of \(source.meaning).")
      for event in events where event.source == source { describe(event, &out) }
    }
    describeRows(&out)
    describeRecords(&out)
    out.add(".SH LIMITS")
    for limit in limits {
      let value = limit.range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "\(limit.bytes ?? limit.count ?? 0)"
      out.add(".TP")
      out.add(".B \(value)\(limit.bytes == nil ? "" : " bytes")")
      out.add(limit.meaning.sentence)
    }
    for set in codes {
      out.add(".SH \(set.name.constant.replacing("_", with: " "))")
      out.add(set.meaning)
      for value in set.values {
        out.add(".TP")
        out.add(".B \(value.name)")
        out.add("(\(value.code)) \(value.meaning.sentence)")
      }
    }
    out.add(".SH SEE ALSO")
    out.add(".BR ringmaster (7),")
    out.add(".BR ringmaster\\-ingest (1),")
    out.add(".BR ringctl (1)")
    return out.text
  }

  private func describe(_ event: EventForm, _ out: inout Text) {
    out.add(".SS \(event.name) (\(event.code))")
    out.add(event.meaning)
    for field in event.allFields {
      out.add(".TP")
      out.add(".B \(field.object.map { "\($0)." } ?? "")\(field.name)")
      out.add("\(kind(of: field))\(field.isRequired ? ", required" : ""): \(field.meaning)\(field.since.remark).")
    }
    let time = event.time.filter { $0 != "*" && $0 != "!" }
    out.add(".TP")
    out.add(".B \(time)")
    out.add("milliseconds since 1970: when it happened.")
    out.add(
      event.time.hasSuffix("!")
        ? "Required."
        : "The dispatcher's clock fills it in\(event.time.hasSuffix("*") ? "; a script must have it" : "").")
    out.add(".PP")
    out.add(".EX")
    out.add(Self.example(event).replacing("\\", with: "\\\\").replacing("-", with: "\\-"))
    out.add(".EE")
  }

  private func describeRecords(_ out: inout Text) {
    out.add(".SH RECORDS")
    out.add("What the rings of a peer hold beside events, for programs that read and write them. In brackets: the")
    out.add("members of the head and the tags of the text that hold the field, as")
    out.add(".I ringmaster_records.h")
    out.add("has them.")
    for (ring, _) in recordRings {
      for record in records where record.ring == ring {
        out.add(".SS \(record.name) (\(record.code))")
        out.add("\(record.ring == .submission ? "A request" : "On a result ring"). \(record.meaning)")
        for field in record.fields {
          out.add(".TP")
          out.add(".B \(field.name)")
          out.add("(\(places(of: field, in: record))) \(field.meaning).")
        }
      }
    }
  }

  private func kind(of field: FieldForm) -> String {
    switch field.type {
    case "new": "a new name"
    case "worker", "job", "task": "a \(field.type)"
    case "object": "an object"
    case "attributes": "texts"
    case "reported": "an array"
    case "flag": "true or false"
    case "cpu": "a number of cpus"
    case "devices": "counts by name"
    case "task_state": "a state"
    case "texts": "an array of texts"
    case "variables": "texts by name"
    case "constraints": "texts, or arrays of texts, by attribute"
    case "Int32", "Int64", "UInt32": "an integer"
    default: "a text"
    }
  }

  /// A line of NDJSON with every field, of each kind.
  public var examples: [(kind: String, line: String)] { events.map { ($0.name, Self.example($0)) } }

  static func example(_ event: EventForm) -> String {
    func members(_ fields: [FieldForm]) -> [String] {
      // One of two that exclude each other has none.
      fields.filter { $0.example != nil || $0.type == "object" }.map { field in
        if field.name == "*" { return field.example! }
        return "\"\(field.name)\":"
          + (field.type == "object" ? "{\(members(field.members).joined(separator: ","))}" : field.example!)
      }
    }
    let time = event.time.filter { $0 != "*" && $0 != "!" }
    let rest = members(event.fields) + ["\"\(time)\":1767225600000"]
    return "{\"type\":\"\(event.name)\",\(rest.joined(separator: ","))}"
  }
}
