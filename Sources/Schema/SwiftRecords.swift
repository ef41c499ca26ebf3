/// The records that are no events: the fixed part of each is written by a function of its head's struct, and one enum of
/// each ring reads them whole.
extension Vocabulary {
  func swiftRecords() throws -> String {
    var out = Self.swiftFile(["CRingmaster", "EventModel"])
    out.add("/// A request of a peer on its submission ring.")
    try reader("public ", "Request", .submission, "rm_event_head", &out)
    out.add()
    out.add("/// A record of a result ring.")
    try reader("", "ResultRecord", .result, "rm_result_head", &out)
    for record in records {
      guard let type = record.swift else { continue }
      out.add()
      out.wrap(record.meaning, "/// ")
      out.block("struct \(type)") { out in
        for field in fields(of: record) { out.add("let \(field.swift): \(field.swiftType)") }
      }
    }
    for head in structs {
      let its = records.filter { $0.head == head.name }
      if its.isEmpty { continue }
      out.add()
      try out.block("extension \(head.name)") { out in
        for (index, record) in its.enumerated() {
          if index > 0 { out.add() }
          try writer(record, &out)
        }
      }
    }
    out.add()
    out.block("extension RecordWriter") { out in requestWriter(&out) }
    return out.text
  }

  /// Those of its struct.
  private func fields(of record: RecordForm) -> [RowField] {
    let others = records.filter { $0.like == record.name }.flatMap(\.fields)
    return record.fields + others.filter { other in !record.fields.contains { $0.name == other.name } }
  }

  private func reader(
    _ access: String, _ type: String, _ ring: RecordForm.Ring, _ head: String, _ out: inout Text
  ) throws {
    let all = records.filter { $0.ring == ring && $0.like == nil }
    try out.block("\(access)enum \(type)") { out in
      for record in all {
        let values = record.fields.map { "\($0.swift): \($0.swiftType)" }.joined(separator: ", ")
        out.add("case \(record.name.camel)(\(record.swift ?? values))")
      }
      out.add()
      out.add("/// Reads one from the copies of its head and of its other payloads.")
      try out.block("\(access)init(_ head: \(head), text: UnsafeRawBufferPointer) throws(CodecError)") { out in
        out.add("let fields = try RecordFields(text, bytes: head.text_bytes)")
        try out.choice("switch UInt32(head.kind)") { out in
          for record in all {
            let kinds = [record] + records.filter { $0.like == record.name }
            out.add("case \(kinds.map(\.constant).joined(separator: ", ")):")
            out.indent += 2
            if record.head != head { out.add("let head = unsafeBitCast(head, to: \(record.head).self)") }
            let form = try self.head(of: record)
            for field in fields(of: record) {
              let none = field.none ?? form.members.first { $0.name == field.head }?.none ?? "0"
              let place = "head.\(field.head ?? "")"
              let value = try decoding(
                field, at: place, where: "\(place) != \(Constant.reference(none))", numbers: "()")
              out.add("let \(field.swift): \(field.swiftType) = \(value)")
            }
            let list = fields(of: record).map { "\($0.swift): \($0.swift)" }.joined(separator: ", ")
            out.add("self = .\(record.name.camel)(\(record.swift.map { "\($0)(\(list))" } ?? list))")
            out.indent -= 2
          }
          out.add("default: throw .unknownKind(head.kind)")
        }
      }
    }
  }

  private func requestWriter(_ out: inout Text) {
    out.add("/// Writes a request. Valid until the next record.")
    out.block("public mutating func encode(_ request: Request) throws(CodecError) -> UnsafeRawBufferPointer") { out in
      out.choice("switch request") { out in
        for record in records where record.ring == .submission {
          out.add("case .\(record.name.camel)(\(record.fields.map { "let \($0.swift)" }.joined(separator: ", "))):")
          let stored = record.fields.filter { $0.head != nil }.map { "\($0.swift): \($0.swift)" }
          out.add("  begin(\(record.head).\(record.name.camel)(\(stored.joined(separator: ", "))))")
          for field in record.fields where !field.tags.isEmpty {
            out.add(field.isPart ? "  append(\(field.swift))" : "  append(RM_TAG_\(field.tags[0]), \(field.swift))")
          }
        }
      }
      out.add("return try finish()")
    }
  }

  private func writer(_ record: RecordForm, _ out: inout Text) throws {
    let stored = record.fields.filter { $0.head != nil }
    let parameters = stored.map { "\($0.swift): \($0.swiftType)" }.joined(separator: ", ")
    out.wrap("\(record.meaning) \(record.isBare ? "The whole record." : "Its text follows.")", "/// ")
    out.add("@inline(__always)")
    try out.block(
      "\(record.isBare ? "public " : "")static func \(record.name.camel)(\(parameters)) -> \(record.head)"
    ) { out in
      out.add("var head = \(record.head)()")
      out.add("(head.kind, head.slots) = (UInt8(\(record.constant)), 1)")
      let certain = stored.filter { !$0.isOptional || $0.isPart }.flatMap(\.headMembers)
      for member in try head(of: record).members {
        let field = stored.first { $0.head == member.name }
        guard let none = field?.none ?? member.none, !certain.contains(member.name) else { continue }
        out.add("head.\(member.name) = .init(truncatingIfNeeded: \(Constant.reference(none)))")
      }
      for field in stored {
        if field.isPart {
          out.add("head.fill(\(field.swift))")
        } else if field.isOptional {
          out.add("if let \(field.swift) { head.\(field.head!) = \(field.number(of: field.swift)) }")
        } else {
          out.add("head.\(field.head!) = \(field.number(of: field.swift))")
        }
      }
      out.add("return head")
    }
  }
}
