/// The binary decoder of events, and the fields of their text.
extension Vocabulary {
  func swiftDecoder() throws -> String {
    var out = Self.swiftFile(["CRingmaster", "EventModel"])
    try out.block("extension Event.Body") { out in
      out.add("/// - Parameter fields: of the text, checked one by one; they belong to the kind.")
      try out.block("init(_ kind: EventKind, _ head: rm_event_head, _ fields: EventFields) throws(CodecError)") { out in
        try out.choice("switch kind") { out in
          for event in events {
            out.add("case .\(event.swiftCase):")
            out.indent += 2
            for field in event.inOrderOfBounds { try decode(field, &out) }
            out.add("self = \(event.construction)")
            out.indent -= 2
          }
        }
      }
    }
    return out.text
  }

  private func decode(_ field: FieldForm, _ out: inout Text) throws {
    guard field.type == "object", let new = field.new else {
      let type = field.isReference || field.isCode ? ": \(field.swiftType)" : ""
      return out.add("let \(field.swift)\(type) = \(try decoded(field))")
    }
    if !field.tags.isEmpty { out.add("let numbers = try fields.need(fields.jobNumbers, \"\(field.name)\")") }
    out.add("var \(field.swift) = \(new)")
    for member in field.stored { out.add("\(field.swift).\(member.swift) = \(try decoded(member))") }
  }

  /// The expression for its value.
  private func decoded(_ field: FieldForm) throws -> String {
    let name = "\"\(field.object == "metadata" ? "metadata." : "")\(field.name)\""
    let text = try field.tags.first.map { "fields.\(try tag($0).name.camel)" } ?? "nil"
    if let handle = field.handle {
      let call = field.isOptional ? "optionalReference" : "reference"
      return "try fields.\(call)(head.\(handle), \(text), \(name))"
    }
    switch field.type {
    case "new": return "try fields.newName(\(name))"
    case "attributes": return "fields.attributes.all"
    case "devices": return "fields.devices.all"
    case "constraints": return "fields.constraints.all"
    case "specification": return "fields.specification ?? Specification()"
    case "reported": return "fields.reported.all"
    case "failure_cause": return "try WorkerFailureCause(head, error: fields.error)"
    case "task_state": return "try fields.taskState(head.state, \(name))"
    case "flag": return "head.has(RM_FLAG_\(field.flags[0]))"
    default: break
    }
    if let number = field.head.map({ "head.\($0)" }) ?? field.numbers.map({ "numbers.\($0)" }) {
      if field.isCode { return "try fields.\(field.isOptional ? "optionalCode" : "code")(\(number), \(name))" }
      var value = number
      if let atMost = field.atMost {
        value = "try fields.number(\(number), in: 0...\(atMost.camel), \(name))"
      } else if let bounds = field.bounds(of: field.type) {
        value = "try fields.number(\(number), in: \(bounds), \(name))"
      }
      if field.isOptional, field.flags.isEmpty { return "\(number) == 0 ? nil : \(value)" }
      return field.isOptional ? "head.has(RM_FLAG_\(field.flags[0])) ? \(value) : nil" : value
    }
    if let defaultText = field.defaultText { return "\(text) ?? \(defaultText)" }
    return field.isRequired ? "try fields.need(\(text), \(name))" : text
  }

  func swiftFields() throws -> String {
    let textTags = tags.filter { $0.form != nil }
    var out = Self.swiftFile(["CRingmaster", "EventModel"])
    out.add(
      "/// The fields of an event's text, each checked by itself. Unknown tags are refused, but for those that may be skipped."
    )
    out.block("struct EventFields") { out in
      for tag in textTags where !tag.repeats {
        out.add("private(set) var \(tag.name.camel): \(tag.swiftType)?")
      }
      out.add("private(set) var attributes = AttributeFields()")
      out.add("private(set) var devices = DeviceFields()")
      out.add("private(set) var constraints = ConstraintFields()")
      out.add("private(set) var reported = ReportedFields()")
      out.add("/// Which tags there are: the bit of each.")
      out.add("private(set) var tags: UInt64 = 0")
      out.add()
      out.block("init(_ reader: FieldReader, of kind: EventKind) throws(CodecError)") { out in
        out.add("var reader = reader")
        out.block("while let field = try reader.next()") { out in
          out.add("try note(field.tag, &tags)")
          out.choice("switch field.tag") { out in
            for tag in textTags { out.add("case \(tag.constant): \(taking(tag))") }
            out.add("case RM_TAG_SKIPPABLE...: break")
            out.add(
              "default: throw .malformed(field: \"text\", expected: \"a known field\", actual: \"tag \\(field.tag)\")")
          }
        }
        out.add("try attributes.finish()")
        out.add("try reported.finish()")
      }
    }
    out.add()
    out.block("extension EventKind") { out in
      out.add("/// Fields of any event that may not come more than once, as bits.")
      out.wrap(
        bits(textTags.filter { !$0.repeats }.map(\.constant), by: "EventFields.bit(of: "), "  ",
        after: "static let singleFields: UInt64 =")
      out.add()
      out.add("/// The fields that an event of this kind may have, as bits.")
      out.block("var fields: UInt64") { out in
        out.choice("switch self") { out in
          for event in events {
            let names = event.storedFields.flatMap(\.tags).map { "RM_TAG_\($0)" }
            out.wrap(bits(names, by: "EventFields.bit(of: "), "  ", after: "case .\(event.swiftCase):")
          }
        }
      }
      out.add()
      out.add("/// The flags that its head may have.")
      out.block("var flags: UInt32") { out in
        out.choice("switch self") { out in
          for event in events where event.allFields.contains(where: { !$0.flags.isEmpty }) {
            let names = event.allFields.flatMap(\.flags).map { "RM_FLAG_\($0)" }
            out.add("case .\(event.swiftCase): \((["RM_FLAG_WANTS_RESULT"] + names).joined(separator: " | "))")
          }
          out.add("default: RM_FLAG_WANTS_RESULT")
        }
      }
      out.add()
      out.add("/// What errors call the entity that the record is about.")
      out.block("var subjectField: String") { out in
        out.choice("switch self") { out in
          for event in events {
            guard let subject = event.fields.first(where: { $0.tags.contains("SUBJECT_NAME") }) else { continue }
            out.add("case .\(event.swiftCase): \"\(subject.name)\"")
          }
          out.add("default: \"name\"")
        }
      }
    }
    return out.text
  }

  private func bits(_ names: [String], by call: String) -> String {
    names.isEmpty ? "0" : names.map { "\(call)\($0))" }.joined(separator: " | ")
  }

  /// The statement that takes a field of the text.
  private func taking(_ tag: Tag) -> String {
    let name = tag.name == "SUBJECT_NAME" ? "kind.subjectField" : "\"\(tag.field)\""
    let limit = tag.limit.map { "Limits.\($0.camel)Bytes" } ?? ""
    switch tag.name {
    case "ATTRIBUTE_KEY": return "try attributes.take(key: field)"
    case "ATTRIBUTE_VALUE": return "try attributes.take(value: field)"
    case "DEVICE": return "try devices.take(field)"
    case "CONSTRAINT": return "try constraints.take(field)"
    case "SPECIFICATION": return "specification = try field.specification()"
    case "REPORTED_TASK": return "try reported.take(task: field)"
    case "REPORTED_NAME": return "try reported.take(name: field)"
    default: break
    }
    let form = tag.form ?? ""
    return form.hasPrefix("rm_")
      ? "\(tag.name.camel) = try field.value(\(name), as: \(form).self)"
      : "\(tag.name.camel) = try field.\(form)(\(name), limit: \(limit))"
  }
}
