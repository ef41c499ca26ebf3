/// Random events, for the tests: every field takes any value that it may have.
extension Vocabulary {
  func swiftRandomEvents() throws -> String {
    var out = Self.swiftFile(["EventModel"])
    try out.block("extension RandomVocabulary") { out in
      try out.block("mutating func body(_ kind: EventKind) -> Event.Body") { out in
        try out.choice("switch kind") { out in
          for event in events {
            out.add("case .\(event.swiftCase):")
            out.indent += 2
            for field in event.inOrderOfBounds {
              out.add("let \(field.swift): \(field.swiftType) = \(try draw(field))")
            }
            out.add("return \(event.construction)")
            out.indent -= 2
          }
        }
      }
      for object in events.flatMap(\.fields) where object.type == "object" {
        out.add()
        try out.block("mutating func \(object.swift)() -> \(object.structName)") { out in
          out.add("var \(object.swift) = \(object.new ?? "")")
          for member in object.stored { out.add("\(object.swift).\(member.swift) = \(try draw(member))") }
          out.add("return \(object.swift)")
        }
      }
    }
    return out.text
  }

  private func draw(_ field: FieldForm) throws -> String {
    let value = try drawValue(field)
    return field.swiftType.hasSuffix("?") ? "optional { $0.\(value) }" : value
  }

  private func drawValue(_ field: FieldForm) throws -> String {
    switch field.type {
    case "worker", "job": return "reference()"
    case "new": return "name()"
    case "flag": return "chance(2)"
    case "name", "label", "text":
      let tag = try tag(field.tags[0])
      let limit = "Limits.\((field.limit ?? tag.limit ?? "name").camel)Bytes"
      return tag.form == "text" ? "text(0, \(limit))" : "label(\(tag.form == "name" ? 1 : 0), \(limit))"
    case "end_reason", "if_exists", "when_cut_off", "sandbox": return "code()"
    case "task", "object", "devices", "attributes", "reported", "failure_cause", "task_state", "constraints",
      "specification":
      return "\(field.type == "object" ? field.swift : field.type.camel)()"
    default:
      let bounds = field.atMost.map { "0...\($0)" } ?? field.bounds(of: field.type)
      return "integer(\(bounds ?? ".min ... .max"))"
    }
  }
}

/// One event of each kind that peers send, for those who write plugins.
extension Vocabulary {
  func swiftExampleLines() -> String {
    var out = Self.swiftFile(["EventModel"])
    out.block("extension Event") { out in
      out.add("static let sampleLines = [")
      for event in events where event.source != .clock { out.add("  #\"\(Self.example(event))\"#,") }
      out.add("]")
    }
    return out.text
  }
}
