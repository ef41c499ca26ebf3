/// The constants for programs in Python.
extension Vocabulary {
  func pythonModule() throws -> String {
    var out = Text()
    out.add("# \(Output.notice)")
    out.add("\"\"\"Codes, tags, limits and layouts of Ringmaster's records, as its C headers have them.\"\"\"")
    out.add()
    out.add("from enum import IntEnum, IntFlag")
    out.add()
    for limit in limits {
      let name = "LIMIT_\(limit.name.constant)"
      if let bytes = limit.bytes { out.add("\(name)_BYTES = \(bytes)  # \(limit.meaning)") }
      if let count = limit.count { out.add("\(name) = \(count)  # \(limit.meaning)") }
      if let range = limit.range {
        out.add("\(name) = range(\(range.lowerBound), \(range.upperBound) + 1)  # \(limit.meaning)")
      }
    }
    for constant in constants {
      out.add("\(constant.name) = \(constant.digits)  # \(constant.meaning)")
    }
    out.add("TAG_SKIPPABLE = \(Tag.skippable.lowerBound)  # the first tag whose field may be left unread")
    for set in codes {
      let name = set.name.camel
      Self.enumeration(
        "IntEnum", name.prefix(1).uppercased() + name.dropFirst(), set.meaning,
        set.values.map { ($0.name.constant, $0.code, $0.meaning) }, &out)
    }
    Self.enumeration(
      "IntEnum", "Entity", "The entity that a row, a request or the subject of a result is about.",
      [("NONE", 0, "No entity.")] + rows.map { ($0.name.constant, $0.code, $0.meaning) }, &out)
    Self.enumeration(
      "IntEnum", "Event", "Kinds of event.", events.map { ($0.name, $0.code, $0.meaning) }, &out)
    for (ring, meaning) in recordRings {
      let all = records.filter { $0.ring == ring }.map { ($0.name, $0.code, $0.meaning) }
      Self.enumeration("IntEnum", ring == .submission ? "Request" : "Result", meaning, all, &out)
    }
    Self.enumeration(
      "IntFlag", "Flag", "Flags of an event's head.", flags.map { ($0.name, $0.bit, $0.meaning) }, &out)
    Self.enumeration(
      "IntEnum", "Tag", "Tags of the fields of a record's text.", tags.map { ($0.name, $0.code, $0.meaning) }, &out)
    out.add()
    out.add()
    out.wrap(
      "Structs: the format that the module struct reads, the size, and where each member begins. A member that is a struct"
        + " or an array is several values of the format.", "# ", width: 100)
    for form in try allStructs() {
      let name = form.name.dropFirst("rm_".count).uppercased()
      out.add()
      out.wrap(form.meaning, "# ", width: 100)
      out.add("\(name)_FORMAT = \"<\(try format(form))\"")
      out.add("\(name)_SIZE = \(form.size)")
      out.add("\(name)_OFFSETS = {")
      for member in form.members { out.add("    \"\(member.name)\": \(member.offset),  # \(member.meaning)") }
      out.add("}")
    }
    return out.text
  }

  private static func enumeration(
    _ base: String, _ name: String, _ meaning: String, _ values: [(name: String, code: Int, meaning: String)],
    _ out: inout Text
  ) {
    out.add()
    out.add()
    out.add("class \(name)(\(base)):")
    out.indent += 4
    out.add("\"\"\"\(meaning)\"\"\"")
    out.add()
    for value in values { out.add("\(value.name) = \(value.code)  # \(value.meaning)") }
    out.indent -= 4
  }

  private func format(_ form: StructForm) throws -> String {
    let letters = [
      "char": "c", "uint8_t": "B", "int16_t": "h", "uint16_t": "H", "int32_t": "i", "uint32_t": "I", "int64_t": "q",
      "uint64_t": "Q",
    ]
    return try form.members.map { member in
      if let part = structs.first(where: { member.type == "struct \($0.name)" }) { return try format(part) }
      guard let letter = letters[member.type] else {
        throw VocabularyError("\(form.name).\(member.name): no type \(member.type)")
      }
      // Bytes are read as such.
      return (member.count.map(String.init) ?? "") + (member.count != nil && member.size == 1 ? "s" : letter)
    }.joined()
  }
}
