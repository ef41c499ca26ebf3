/// The C headers: every code, limit, tag and flag; every struct; every record with its fields.
extension Vocabulary {
  func cHeader() -> String {
    cFile("VOCABULARY", "of ringmaster.h, which includes it: every code, limit, tag and flag.") { out in
      out.wrap("Limits. Bytes are of UTF-8.", "// ")
      for limit in limits {
        let name = limit.name.constant
        if let bytes = limit.bytes { define("RM_LIMIT_\(name)_BYTES", bytes, limit.meaning, &out) }
        if let count = limit.count { define("RM_LIMIT_\(name)", count, limit.meaning, &out) }
        if let range = limit.range {
          // Signed, as what they bound is.
          let suffix = range.upperBound > Int(Int32.max) ? "ll" : ""
          out.add("#define RM_LIMIT_\(name)_MIN \(range.lowerBound)\(suffix)  // \(limit.meaning)")
          out.add("#define RM_LIMIT_\(name)_MAX \(range.upperBound)\(suffix)")
        }
      }
      for set in codes {
        out.add()
        out.wrap(set.meaning, "// ")
        for value in set.values {
          define("RM_\(set.name.constant)_\(value.name.constant)", value.code, value.meaning, &out)
        }
      }
      out.add()
      out.wrap("Flags of an event's head.", "// ")
      for flag in flags { define("RM_FLAG_\(flag.name)", flag.bit, flag.meaning, &out) }
      out.add()
      out.wrap(
        "Tags of the fields of a record's text. A field whose tag is RM_TAG_SKIPPABLE or more may be left unread: a program"
          + " of the same version that does not know the tag skips the field, and what the record says holds without it. An"
          + " event with any other unknown tag is refused; readers of requests, results and rows skip those, too. Programs of"
          + " one version differ in nothing else. What came later than version \(Since.first) says since when.", "// ")
      define("RM_TAG_SKIPPABLE", Tag.skippable.lowerBound, "the first of them", &out)
      for tag in tags { define(tag.constant, tag.code, tag.meaning + tag.since.remark, &out) }
    }
  }

  func cStructs() -> String {
    cFile("STRUCTS", "of ringmaster.h, which includes it: every struct that two processes share.") { out in
      out.add("#include <stdint.h>")
      out.add()
      out.add("#ifdef __cplusplus")
      out.add("#define RM_STATIC_ASSERT static_assert")
      out.add("#else")
      out.add("#define RM_STATIC_ASSERT _Static_assert")
      out.add("#endif")
      out.add()
      for constant in constants { out.add("#define RM_\(constant.name) \(constant.value)  // \(constant.meaning)") }
      for form in structs where !form.isJournal { Self.cDescribed(form, &out) }
    }
  }

  func cJournalStructs() -> String {
    cFile("JOURNAL_STRUCTS", "of ringmaster_journal.h, which includes it: the structs of the journal's files.") { out in
      out.add("#include \"ringmaster.h\"")
      for form in structs where form.isJournal { Self.cDescribed(form, &out) }
    }
  }

  func cRecords() -> String {
    cFile("RECORDS", "of ringmaster.h, which includes it: each kind of record with its fields, but for rows.") { out in
      out.wrap(
        "Kinds of event, and where a record holds each field: a member of rm_event_head, a flag of its flags, or fields of"
          + " its text by their tags. A handle of 0 says that the text has the name.", "// ")
      for event in events {
        out.add()
        out.wrap("Of \(event.source.meaning). \(event.meaning)", "// ")
        for field in event.allFields where field.type != "object" || !field.tags.isEmpty {
          out.wrap(places(of: field), "//     ", after: "//   \(field.object.map { "\($0)." } ?? "")\(field.name):")
        }
        out.add("#define RM_EVENT_\(event.name) \(event.code)u")
      }
      for (ring, meaning) in recordRings {
        out.add()
        out.wrap("\(meaning) Where a record holds each field, as of events.", "// ")
        for record in records where record.ring == ring {
          out.add()
          out.wrap(record.meaning, "// ")
          out.add("//   head: \(record.head)")
          for field in record.fields {
            out.wrap("\(places(of: field, in: record)): \(field.meaning)", "//     ", after: "//   \(field.name):")
          }
          out.add("#define \(record.constant) \(record.code)u")
        }
      }
    }
  }

  /// A header that another one includes.
  func cFile(_ name: String, _ part: String, _ body: (inout Text) throws -> Void) rethrows -> String {
    var out = Text()
    out.add("// \(Output.notice)")
    out.add("// Part \(part)")
    out.add("#ifndef RINGMASTER_\(name)_H")
    out.add("#define RINGMASTER_\(name)_H")
    out.add()
    try body(&out)
    out.add()
    out.add("#endif")
    return out.text
  }

  var recordRings: [(RecordForm.Ring, String)] {
    [
      (.submission, "Requests: records of a submission ring that are no events."),
      (.result, "Records of a result ring."),
    ]
  }

  func places(of field: RowField, in record: RecordForm) -> String {
    let member = structs.first { $0.name == record.head }?.members.first { $0.name == field.head }
    let none = field.isOptional ? (field.none ?? member?.none).map { "RM_\($0) = none" } : nil
    let tags = field.tags.map { "RM_TAG_\($0)" }
    return ([field.head, none].compactMap { $0 } + tags).joined(separator: ", ")
  }

  private static func cDescribed(_ form: StructForm, _ out: inout Text) {
    out.add()
    out.wrap(form.meaning, "// ")
    cStruct(form, &out)
  }

  static func cStruct(_ form: StructForm, _ out: inout Text) {
    out.add("struct \(form.name) {")
    for member in form.members {
      let length = member.length ?? member.count.map(String.init)
      let declaration = "  \(member.type) \(member.name)\(length.map { "[\($0)]" } ?? "");"
      out.wrap(member.meaning, "      // ", after: declaration + "  //")
    }
    out.add("};")
    out.add("RM_STATIC_ASSERT(sizeof(struct \(form.name)) == \(form.size), \"its size is fixed\");")
  }

  private func define(_ name: String, _ value: Int, _ meaning: String, _ out: inout Text) {
    let suffix = value >= 0 && value <= Int(UInt32.max) ? "u" : "ll"
    out.add("#define \(name) \(value)\(suffix)  // \(meaning)")
  }

  private func places(of field: FieldForm) -> String {
    var places: [String] = []
    if let handle = field.handle { places.append(handle) }
    if let head = field.head { places.append(head + (field.type == "cpu" ? ", in thousandths" : "")) }
    if let numbers = field.numbers { places.append("RM_TAG_JOB_NUMBERS.\(numbers)") }
    places += field.flags.map { "RM_FLAG_\($0)" } + field.tags.map { "RM_TAG_\($0)" }
    let need = field.isRequired && field.defaultText == nil ? ", required" : ""
    return places.joined(separator: field.handle == nil ? ", " : " or ") + need
      + ": \(field.meaning)\(field.since.remark)"
  }
}
