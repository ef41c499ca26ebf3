/// What people read of an event, and the references in it.
extension Vocabulary {
  func swiftEventTexts() throws -> String {
    var out = Self.swiftFile([])
    try out.block("extension Event") { out in
      out.wrap(
        "The entity that the event names, as it names it: by name, or by `#` and its handle. Empty when it names none.",
        "/// ")
      out.block("public var named: String") { out in
        out.choice("switch body") { out in
          for event in events {
            let value = event.fields.first.flatMap { field -> String? in
              if field.isReference { return "\(event.access(field)).shown" }
              return ["new", "name", "label"].contains(field.type) ? event.access(field) : nil
            }
            out.add("\(event.pattern(for: value ?? "")): \(value ?? "\"\"")")
          }
        }
      }
      out.add()
      out.add("/// What else it says that explains the rest, for people.")
      try out.block("public var remark: String?") { out in
        try out.choice("switch body") { out in
          for event in events {
            let value = try event.remarkExpression
            out.add("\(event.pattern(for: value)): \(value)")
          }
        }
      }
    }
    out.add()
    out.block("extension Event.Body") { out in
      out.add("/// The same with a name in the place of each handle for which there is one.")
      out.block(
        "public func mapReferences(workerName: (WorkerHandle) -> String?, jobName: (JobHandle) -> String?, "
          + "taskName: (TaskHandle) -> String?) -> Event.Body"
      ) { out in
        out.choice("switch self") { out in
          for event in events where event.allFields.contains(where: \.refers) {
            out.add("\(event.pattern):")
            out.indent += 2
            for field in event.fields { Self.map(field, event.access(field), &out) }
            out.add("return \(event.construction)")
            out.indent -= 2
          }
          out.add("default: return self")
        }
      }
    }
    return out.text
  }

  private static func map(_ field: FieldForm, _ value: String, _ out: inout Text) {
    let mapped: String
    switch field.type {
    case "worker", "job", "task": mapped = "\(value).named(\(field.type)Name)"
    case "reported":
      mapped = "\(value).map { ReportedTask(task: $0.task.named(taskName), attempt: $0.attempt) }"
    case "object" where field.members.contains(where: \.refers):
      out.add("var \(field.swift) = \(value)")
      for member in field.members where member.refers {
        let place = "\(field.swift).\(member.swift)"
        out.add("\(place) = \(place).map { $0.named(\(member.type)Name) }")
      }
      return
    default: mapped = value
    }
    if mapped != field.swift { out.add("let \(field.swift) = \(mapped)") }
  }
}

extension FieldForm {
  fileprivate var refers: Bool { isReference || type == "reported" }

  /// Its value in a text.
  fileprivate func shown(_ value: String) -> String {
    switch type {
    case "worker", "job", "task": "\\(\(value).shown)"
    case "task_state", "end_reason": "\\(\(value).name)"
    case "reported": "\\(\(value).count)"
    default: "\\(\(value))"
    }
  }
}

extension EventForm {
  /// Binds what the expression uses.
  fileprivate func pattern(for expression: String) -> String {
    let words = Set(expression.split { !$0.isLetter && !$0.isNumber }.map(String.init))
    if payload != nil { return words.contains(payloadName) ? pattern : "case .\(swiftCase)" }
    let binds = fields.map { words.contains($0.swift) ? "let \($0.swift)" : "_" }
    return "case .\(swiftCase)" + (binds.allSatisfy { $0 == "_" } ? "" : "(\(binds.joined(separator: ", ")))")
  }

  /// What `remark` in the schema says: `{field}` is the field's value, and what stands in brackets is there only if the field
  /// in it is. Without it, the event's error or reason.
  fileprivate var remarkExpression: String {
    get throws {
      guard let remark else {
        let text = allFields.first { $0.tags == ["ERROR"] || $0.tags == ["REASON"] }
        return text.map { access($0) + ($0.type == "failure_cause" ? ".error" : "") } ?? "nil"
      }
      let parts = remark.split(separator: "[", omittingEmptySubsequences: false)
      var expression = "\"\(try filled(String(parts[0])))\""
      for part in parts.dropFirst() {
        let (name, text) = try Self.option(String(part), of: self.name)
        guard let field = allFields.first(where: { $0.name == name }) else { throw unknown(name) }
        expression += " + (\(access(field)).map { \"\(text)\(field.shown("$0"))\" } ?? \"\")"
      }
      return expression
    }
  }

  private func filled(_ template: String) throws -> String {
    var text = ""
    for (index, part) in template.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
      guard index > 0 else {
        text += part
        continue
      }
      let ends = part.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
      guard let field = allFields.first(where: { $0.name == ends[0] }) else { throw unknown(String(ends[0])) }
      text += field.shown(access(field)) + (ends.count > 1 ? ends[1] : "")
    }
    return text
  }

  /// `: {reason}]` as the field's name and the text before it.
  private static func option(_ part: String, of event: String) throws -> (name: String, text: String) {
    let ends = part.split(separator: "{")
    guard ends.count == 2, ends[1].hasSuffix("}]") else {
      throw VocabularyError("\(event): a part in brackets ends with a field, not \(part)")
    }
    return (String(ends[1].dropLast(2)), String(ends[0]))
  }

  private func unknown(_ field: String) -> VocabularyError {
    VocabularyError("\(name): remark: there is no field \(field)")
  }
}
