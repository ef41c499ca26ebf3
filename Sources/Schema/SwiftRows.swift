/// The views of entities, and the rows of a query's answer that hold them.
extension Vocabulary {
  func swiftViews() -> String {
    var out = Self.swiftFile([])
    out.add("/// One row of a query's answer.")
    out.block("public enum Row: Sendable, Hashable") { out in
      for row in rows {
        let values = row.swift ?? row.fields.map { "\($0.swift): \($0.swiftType)" }.joined(separator: ", ")
        out.add("case \(row.swiftCase)(\(values))")
      }
    }
    out.add()
    out.add("/// What can be asked for. The raw value is the wire value.")
    Self.enumeration(
      "QueryEntity", "UInt8",
      rows.map { (name: $0.plural.constant.lowercased(), swift: $0.plural, code: $0.code, meaning: $0.meaning) }, &out)
    for row in rows {
      guard let type = row.swift else { continue }
      out.add()
      out.wrap(row.meaning, "/// ")
      out.block("public struct \(type): Hashable, Sendable") { out in
        for field in row.fields {
          out.wrap(field.meaning.sentence + (field.type == "cpu" ? " In thousandths." : ""), "/// ")
          out.add("public var \(field.swift): \(field.swiftType)")
        }
        out.add()
        let parameters = row.fields.map { "\($0.swift): \($0.swiftType)" + ($0.standard.map { " = \($0)" } ?? "") }
        out.block("public init(\(parameters.joined(separator: ", ")))") { out in
          for field in row.fields { out.add("self.\(field.swift) = \(field.swift)") }
        }
      }
    }
    return out.text
  }

  func swiftRowCodec() throws -> String {
    var out = Self.swiftFile(["CRingmaster", "EventModel"])
    out.block("extension RecordWriter") { out in
      out.add("/// Writes one row of the answer to `request`.")
      out.block(
        "public mutating func encode(_ row: Row, request: UInt64) throws(CodecError) -> UnsafeRawBufferPointer"
      ) { out in
        out.add("var head = rm_result_head.row(request: request)")
        out.choice("switch row") { out in
          for row in rows { encode(row, &out) }
        }
        out.add("return try finish()")
      }
      for object in jobObjects { Self.encode(object, &out) }
    }
    out.add()
    try out.block("extension Row") { out in
      out.add("/// Reads a row from the copy of a record.")
      try out.block("init(_ head: rm_result_head, _ fields: RecordFields) throws(CodecError)") { out in
        out.add("let entity: QueryEntity = try known(\"row\", head.code)")
        try out.choice("switch entity") { out in
          for row in rows { try decode(row, &out) }
        }
      }
    }
    out.add()
    out.block("extension RecordFields") { out in
      for object in jobObjects { Self.decode(object, &out) }
    }
    return out.text
  }

  private func encode(_ row: RowForm, _ out: inout Text) {
    let hasNumbers = !row.numbers.isEmpty
    out.add(
      "case .\(row.swiftCase)("
        + (row.swift == nil ? row.fields.map { "let \($0.swift)" }.joined(separator: ", ") : "let row") + "):")
    out.indent += 2
    func access(_ field: RowField) -> String { row.swift == nil ? field.swift : "row.\(field.swift)" }
    out.add("head.code = QueryEntity.\(row.plural).rawValue")
    if hasNumbers { out.add("var numbers = \(row.cStruct)()") }
    for field in row.fields {
      if field.isPart { out.add("fill(\(access(field)), &head, &numbers)") }
      guard field.cType != nil else { continue }
      let place = field.head.map { "head.\($0)" } ?? "numbers.\(field.name)"
      if field.isOptional {
        out.add(
          "if let value = \(access(field)) { (\(place), numbers.has_\(field.name)) = (\(field.number(of: "value")), 1) }"
        )
      } else {
        out.add("\(place) = \(field.number(of: access(field)))")
      }
    }
    out.add("begin(head)")
    if hasNumbers { out.add("append(RM_TAG_ROW_NUMBERS, value: numbers)") }
    for field in row.fields where !tags(of: field).isEmpty {
      let part = "\(field.type == "Specification" ? "" : "try ")append(\(access(field)))"
      out.add(field.isPart ? part : "append(RM_TAG_\(field.tags[0]), \(access(field)))")
    }
    out.indent -= 2
  }

  private func decode(_ row: RowForm, _ out: inout Text) throws {
    out.add("case .\(row.plural):")
    out.indent += 2
    if !row.numbers.isEmpty { out.add("let numbers = try fields.numbers(as: \(row.cStruct).self)") }
    var arguments: [String] = []
    for field in row.fields where !field.isLocal {
      arguments.append("\(field.swift): \(field.swift)")
      let place = field.head.map { "head.\($0)" } ?? "numbers.\(field.name)"
      let value = try decoding(field, at: place, where: "numbers.has_\(field.name) != 0", numbers: "numbers")
      out.add("let \(field.swift): \(field.swiftType) = \(value)")
    }
    let list = arguments.joined(separator: ", ")
    out.add("self = .\(row.swiftCase)(\(row.swift.map { "\($0)(\(list))" } ?? list))")
    out.indent -= 2
  }

  /// How a field is read.
  ///
  /// - Parameters:
  ///   - place: of its number.
  ///   - condition: that there is one.
  func decoding(
    _ field: RowField, at place: String, where condition: String, numbers: String
  ) throws -> String {
    if let tag = try field.tag.map({ try self.tag($0) }) {
      let name = "\(tag.constant), \"\(field.name)\""
      if field.cType != nil { return "try fields.number(\(name))" }
      guard field.type == "String" else { return "try fields.bytes(\(tag.constant))" }
      let limit = "limit: Limits.\(tag.limit?.camel ?? "name")Bytes"
      if field.isRequired { return "try fields.required(\(name), \(limit))" }
      return "try fields.text(\(name), \(limit))\(field.isOptional ? "" : " ?? \"\"")"
    }
    if field.cType == nil { return "try fields.part(head, \(numbers))" }
    let value = field.value(of: place)
    guard field.isOptional else { return value }
    let throwing = value.hasPrefix("try ") ? "try " : ""
    return "\(throwing)\(condition) ? \(value.dropFirst(throwing.count)) : nil"
  }

  /// Objects of events that rows hold as they came.
  var jobObjects: [FieldForm] {
    events.flatMap(\.fields).filter { $0.type == "object" && $0.tags == ["JOB_NUMBERS"] }
  }

  private func tags(of field: RowField) -> [String] {
    let object = jobObjects.first { $0.structName == field.type }
    return object.map { Self.storedMembers($0).flatMap(\.tags) } ?? field.tags
  }

  /// A job that belongs to another is told by the name of that one.
  static func members(_ object: FieldForm) -> [FieldForm] { object.members.filter { !$0.isReference } }

  static func storedMembers(_ object: FieldForm) -> [FieldForm] { object.stored.filter { !$0.isReference } }

  private static func encode(_ object: FieldForm, _ out: inout Text) {
    out.add()
    out.block(
      "private func fill(_ request: \(object.structName), _ head: inout rm_result_head, _ numbers: inout rm_job_row)"
    ) { out in
      for member in storedMembers(object) {
        let flag = member.flags.first.map { "numbers.request_flags |= UInt8(RM_FLAG_\($0))" }
        let value = "request.\(member.swift)"
        switch (member.numbers, flag) {
        case (let number?, let flag?):
          out.block("if let value = \(value)") { out in
            out.add(flag)
            out.add("numbers.request.\(number) = value")
          }
        case (let number?, nil):
          out.add("numbers.request.\(number) = \(member.isCode ? "UInt32(\(value).rawValue)" : value)")
        case (nil, let flag?): out.add("if \(value) { \(flag) }")
        case (nil, nil): break
        }
      }
    }
    out.add()
    out.block("private mutating func append(_ request: \(object.structName)) throws(CodecError)") { out in
      for member in storedMembers(object) where !member.tags.isEmpty {
        out.add("append(RM_TAG_\(member.tags[0]), request.\(member.swift))")
      }
    }
  }

  private static func decode(_ object: FieldForm, _ out: inout Text) {
    let type = object.structName
    out.block("fileprivate func part(_ head: rm_result_head, _ numbers: rm_job_row) throws(CodecError) -> \(type)") {
      out in
      out.add("var request = \(type)()")
      for member in storedMembers(object) {
        var value = member.numbers.map { "numbers.request.\($0)" } ?? ""
        if let flag = member.flags.first {
          let isSet = "UInt32(numbers.request_flags) & RM_FLAG_\(flag) != 0"
          value = value.isEmpty ? isSet : "\(isSet) ? \(value) : nil"
        }
        if member.isCode {
          value = "try known(\"\(member.name)\", UInt8(truncatingIfNeeded: \(value)))"
        } else if ["constraints", "specification"].contains(member.type) {
          value = "try \(member.type)()"
        } else if member.type == "devices" {
          value = "try devices(RM_TAG_\(member.tags[0]))"
        } else if let tag = member.tags.first {
          let limit = member.type == "text" ? "error" : "name"
          value = "try text(RM_TAG_\(tag), \"\(member.name)\", limit: Limits.\(limit)Bytes)"
        }
        out.add("request.\(member.swift) = \(value)")
      }
      out.add("return request")
    }
  }

  func swiftRowJSON() -> String {
    var out = Self.swiftFile(["EventModel"])
    out.add("// One object a row. The keys are stable; numbers bear their unit, and what there is not is null.")
    for row in rows where row.swift != nil && row.name != "explanation" {
      out.add()
      out.block("extension \(row.swift!)") { out in
        out.block("public var json: JSONValue") { out in
          out.add("var members: [JSONValue.Member] = []")
          for field in row.fields {
            guard let key = field.json else { continue }
            let mark = field.isOptional ? "?" : ""
            let value =
              switch field.type {
              case "cpu": "JSONValue.cpus(milliCPU: \(field.swift))"
              case "role": "Role.name(of: \(field.swift))"
              default: field.swift + (field.isCode ? "\(mark).name" : "")
              }
            out.add("members.add(\"\(key)\", \(value))")
          }
          out.add("return .object(members)")
        }
      }
    }
    out.add()
    out.block("extension [JSONValue.Member]") { out in
      for object in jobObjects {
        out.block("mutating func add(_ name: String, _ request: \(object.structName))") { out in
          for member in Self.members(object) {
            let value = "request.\(member.swift)"
            let shown =
              switch member.type {
              case "cpu": "JSONValue.cpus(milliCPU: \(value))"
              case _ where member.isCode: "\(value)\(member.isOptional ? "?" : "").name"
              default: value
              }
            out.add("add(\"\(member.name)\", \(shown))")
          }
        }
      }
    }
    return out.text
  }

  func cRows() throws -> String {
    try cFile("ROWS", "of ringmaster.h, which includes it: the rows of a query's answer.") { out in
      out.wrap("The entity that a row, a request or the subject of a result is about.", "// ")
      out.add("#define RM_ENTITY_NONE 0u")
      for row in rows { out.add("#define RM_ENTITY_\(row.name.constant) \(row.code)u") }
      out.add()
      out.wrap(
        "Rows: the code of a row's head is one of these; its text holds the fields named here by their tags, and in"
          + " RM_TAG_ROW_NUMBERS the struct.", "// ")
      for row in rows {
        out.add()
        out.wrap(row.meaning, "// ")
        for field in row.fields {
          let places = [field.head].compactMap { $0 } + tags(of: field).map { "RM_TAG_\($0)" }
          if places.isEmpty { continue }
          out.wrap("\(places.joined(separator: ", ")): \(field.meaning)", "//     ", after: "//   \(field.name):")
        }
        if let form = try numbers(of: row) { Self.cStruct(form, &out) }
      }
    }
  }

  func describeRows(_ out: inout Text) {
    out.add(".SH ROWS")
    out.add("Answers to queries, as JSON: one object a row. What there is not is null.")
    for row in rows {
      out.add(".SS \(row.name.replacing("_", with: " ")) (\(row.code))")
      out.add(row.meaning)
      for field in row.fields {
        guard let key = field.json else { continue }
        let object = jobObjects.first { $0.structName == field.type }
        out.add(".TP")
        out.add(".B \(object.map { Self.members($0).map(\.name).joined(separator: ", ") } ?? key)")
        out.add("\(field.meaning.sentence)")
      }
    }
  }
}
