/// The binary encoder of events.
extension Vocabulary {
  func swiftEncoder() throws -> String {
    var out = Self.swiftFile(["CRingmaster", "EventModel"])
    try out.block("extension RecordWriter") { out in
      out.add("/// Begins a record with the head of an event and writes its text.")
      try out.block("mutating func write(_ body: Event.Body, _ head: inout rm_event_head)") { out in
        try out.choice("switch body") { out in
          for event in events {
            out.add("\(event.pattern):")
            out.indent += 2
            for field in event.storedFields { fillHead(field, event.access(field), &out) }
            out.add("begin(head)")
            for field in event.storedFields where field.object == nil || !field.tags.isEmpty {
              try append(field, of: event, &out)
            }
            out.indent -= 2
          }
        }
      }
    }
    out.add("")
    canonicalHead(&out)
    return out.text
  }

  private func canonicalHead(_ out: inout Text) {
    var members: [String] = []
    for event in events { members += event.headMembers.map(\.member).filter { !members.contains($0) } }
    func bits(_ wanted: [String]) -> String {
      let bits: UInt64 = wanted.reduce(0) { $0 | 1 << UInt64(members.firstIndex(of: $1)!) }
      return "0x" + String(bits, radix: 16)
    }
    out.block("extension rm_event_head") { out in
      out.add("/// Of one that `EventDecoder` has accepted, what its kind says alone: no stamp, no wish for a result,")
      out.add("/// zeros where the kind has no field. Without a branch for each field.")
      out.add("@inline(__always)")
      out.block("var canonical: rm_event_head") { out in
        out.add("let kept = keptMembers")
        out.add("var head = self")
        out.add("head.flags &= ~UInt8(RM_FLAG_WANTS_RESULT)")
        out.add("head.slots = UInt16(1 + (UInt32(text_bytes) + RM_SLOT_PAYLOAD - 1) / RM_SLOT_PAYLOAD)")
        out.add("head.timestamp_ns = 0")
        for (bit, member) in members.enumerated() {
          out.add("head.\(member) &= .init(truncatingIfNeeded: 0 &- (kept >> \(bit) & 1))")
        }
        out.add("return head")
      }
      out.add("")
      out.add("/// A bit for each member that has a field of its kind, in the order above.")
      out.add("@inline(__always)")
      out.block("private var keptMembers: UInt64") { out in
        out.choice("switch UInt32(kind)") { out in
          for event in events where !event.headMembers.isEmpty {
            let always = event.headMembers.filter { $0.flag == nil }.map(\.member)
            let flagged = event.headMembers.filter { $0.flag != nil }
            let flags = Set(flagged.compactMap(\.flag))
            precondition(flags.count <= 1, "\(event.name): one flag alone decides which members its head has")
            let text =
              flags.first.map {
                "UInt32(flags) & RM_FLAG_\($0) == 0 ? \(bits(always)) : \(bits(always + flagged.map(\.member)))"
              } ?? bits(always)
            out.add("case RM_EVENT_\(event.name): \(text)")
          }
          out.add("default: 0")
        }
      }
    }
  }

  private func fillHead(_ field: FieldForm, _ value: String, _ out: inout Text) {
    if let handle = field.handle {
      out.add("if case .handle(let handle) = \(value) { head.\(handle) = handle.rawValue }")
    }
    if field.type == "failure_cause" { out.add("\(value).fill(&head)") }
    if field.type == "flag" { out.add("if \(value) { head.flags |= UInt8(RM_FLAG_\(field.flags[0])) }") }
    if field.isOptional, let flag = field.flags.first, field.numbers != nil {
      out.add("if \(value) != nil { head.flags |= UInt8(RM_FLAG_\(flag)) }")
    }
    guard let head = field.head else { return }
    if field.isOptional, field.isCode { return out.add("head.\(head) = \(value)?.rawValue ?? 0") }
    if field.isOptional, field.flags.isEmpty { return out.add("head.\(head) = \(value) ?? 0") }
    if field.isOptional, let flag = field.flags.first {
      out.block("if let value = \(value)") { out in
        out.add("head.flags |= UInt8(RM_FLAG_\(flag))")
        out.add("head.\(head) = value")
      }
    } else {
      let isWide = ["value", "extra"].contains(head) && field.type != "cpu" && field.type != "Int64"
      out.add(
        "head.\(head) = " + (field.type == "task_state" ? "\(value).rawValue" : isWide ? "Int64(\(value))" : value))
    }
  }

  private func append(_ field: FieldForm, of event: EventForm, _ out: inout Text) throws {
    let value = event.access(field)
    switch field.type {
    case "attributes", "devices", "reported", "failure_cause", "constraints", "specification":
      out.add("append(\(value))")
    case "object":
      guard let tag = field.tags.first else { return }
      out.add("var numbers = rm_job_numbers()")
      for member in field.members {
        guard let number = member.numbers else { continue }
        let value = event.access(member) + (member.isOptional ? " ?? 0" : "")
        out.add("numbers.\(number) = \(member.isCode ? "UInt32(\(value).rawValue)" : value)")
      }
      out.add("append(RM_TAG_\(tag), value: numbers)")
    default:
      guard let tag = field.tags.first else { return }
      if field.isReference {
        out.add("if case .name(let name) = \(value) { append(RM_TAG_\(tag), name) }")
      } else {
        out.add("append(RM_TAG_\(tag), \(value))")
      }
    }
  }
}
