/// Events as JSON objects, both ways.
extension Vocabulary {
  func swiftJSONEncoder() -> String {
    var out = Self.swiftFile(["EventModel"])
    out.block("extension Event.Body") { out in
      out.add("/// Appends all but the type and the time.")
      out.block("func append(to members: inout some JSONMembers)") { out in
        out.choice("switch self") { out in
          for event in events {
            out.add("\(event.pattern):")
            out.indent += 2
            if event.fields.isEmpty { out.add("break") }
            for field in event.fields { Self.encode(field, event.access(field), &out) }
            out.indent -= 2
          }
        }
      }
    }
    for object in objects {
      out.add()
      out.block("extension \(object.type)") { out in
        out.add("/// All members that have a value, the defaults too.")
        out.block("public var json: JSONValue") { out in
          out.add("var members: [JSONValue.Member] = []")
          for member in object.field.members { Self.encode(member, member.swift, &out) }
          out.add("return .object(members)")
        }
      }
    }
    return out.text
  }

  private var objects: [(type: String, field: FieldForm)] {
    events.flatMap(\.fields).filter { $0.type == "object" }.map {
      ($0.new!.split(separator: "(").first.map(String.init)!, $0)
    }
  }

  private static func encode(_ field: FieldForm, _ value: String, _ out: inout Text) {
    let name = "\"\(field.name)\""
    switch field.type {
    case "attributes", "devices", "failure_cause": out.add("\(value).append(to: &members)")
    case "object": out.add("members.append(\(name), \(value).json)")
    case "reported": out.add("members.append(\(name), .array(\(value).map(\\.json)))")
    case "flag": out.add("members.append(\(name), .boolean(\(value)))")
    case "cpu": out.add("members.append(\(name), .cpus(milliCPU: \(value)))")
    case "task_state", "end_reason", "if_exists", "when_cut_off", "sandbox":
      out.add("members.append(\(name), \(value)\(field.isOptional ? "?" : "").name)")
    case "Int32", "Int64", "UInt32":
      out.add("members.append(\(name), \(field.isOptional ? "\(value).map(JSONValue.integer)" : ".integer(\(value))"))")
    default: out.add("members.append(\(name), \(value))")
    }
  }

  func swiftJSONDecoder() -> String {
    var out = Self.swiftFile(["EventModel"])
    out.block("extension EventJSONDecoder") { out in
      out.block("func event(of kind: EventKind, _ fields: inout JSONFields) throws(EventJSONError) -> Event") { out in
        out.choice("switch kind") { out in
          for event in events {
            out.add("case .\(event.swiftCase):")
            out.indent += 2
            for field in event.fields { Self.decode(field, &out) }
            out.add("return Event(timestampMs: \(Self.time(of: event)), body: \(event.construction))")
            out.indent -= 2
          }
        }
      }
      for object in objects {
        out.add()
        out.block(
          "private func \(object.field.name.camel)(_ field: JSONField) throws(EventJSONError) -> \(object.type)"
        ) { out in
          let name = object.field.name.camel
          out.add("var fields = try JSONFields(field)")
          out.add("var \(name) = \(object.field.new!)")
          for member in object.field.members { Self.take(member, into: "\(name).\(member.swift)", &out) }
          out.add("try fields.finish()")
          if object.type == "JobRequest" { out.add("try check(request, field)") }
          out.add("return \(name)")
        }
      }
    }
    return out.text
  }

  private static func time(of event: EventForm) -> String {
    switch event.time {
    case "timestamp_ms": "try timestamp(&fields)"
    case "timestamp_ms*": "try meaningfulTimestamp(&fields)"
    case "timestamp_ms!": "try fields.require(\"timestamp_ms\").integer(in: Limits.timeMs)"
    default: "try meaningfulTimestamp(&fields, \"now_ms\")"
    }
  }

  /// A member of the event itself.
  private static func decode(_ field: FieldForm, _ out: inout Text) {
    switch field.type {
    case "failure_cause": out.add("let \(field.swift) = try failureCause(&fields)")
    case "object": out.add("let \(field.swift) = try \(field.name.camel)(fields.require(\"\(field.name)\"))")
    default:
      let take = field.isRequired ? "fields.require(\"\(field.name)\")" : "fields.find(\"\(field.name)\")?"
      let type = field.isCode ? ": \(field.swiftType)" : ""
      out.add("let \(field.swift)\(type) = try \(take).\(reading(field))")
    }
  }

  /// A member of an object in the event.
  private static func take(_ field: FieldForm, into place: String, _ out: inout Text) {
    if field.type == "attributes" { return out.add("\(place) = try attributes(&fields)") }
    if field.isRequired { return out.add("\(place) = try fields.require(\"\(field.name)\").\(reading(field))") }
    if field.isOptional { return out.add("\(place) = try fields.find(\"\(field.name)\")?.\(reading(field))") }
    out.add("if let field = fields.find(\"\(field.name)\") { \(place) = try field.\(reading(field)) }")
  }

  /// How a value is read from JSON.
  private static func reading(_ field: FieldForm) -> String {
    switch field.type {
    case "new": "newName()"
    case "name": "name()"
    case "label": "label(maxBytes: Limits.\(field.limit!.camel)Bytes)"
    case "text": "text(maxBytes: Limits.errorBytes)"
    case "worker": "reference(to: WorkerEntity.self)"
    case "job": "reference(to: JobEntity.self)"
    case "task": "task()"
    case "task_state": "taskState()"
    case "end_reason", "if_exists", "when_cut_off", "sandbox": "code()"
    case "texts": "texts()"
    case "variables": "variables()"
    case "constraints": "constraints()"
    case "flag": "boolean()"
    case "cpu": "milliCPU()"
    case "devices": "devices()"
    case "reported": "reportedTasks()"
    default: "integer(in: \(field.bounds(of: field.type) ?? "\(field.type).min...\(field.type).max"))"
    }
  }
}
