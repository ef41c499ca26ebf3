import TOMLKit

/// The vocabulary as `vocabulary.toml` has it.
public struct Vocabulary {
  let limits: [Limit]
  let codes: [CodeSet]
  let tags: [Tag]
  let flags: [Flag]
  let constants: [Constant]
  let structs: [StructForm]
  let events: [EventForm]
  let records: [RecordForm]
  let settings: [SettingForm]
  let rows: [RowForm]
  let saved: [SavedForm]

  /// Reads the text of `vocabulary.toml`.
  ///
  /// - Throws: `VocabularyError`, or what the TOML parser says.
  public init(_ text: String) throws {
    let root = Entry(try TOMLTable(string: text), "vocabulary")
    limits = try root.entries("limit").map(Limit.init)
    codes = try root.entries("code").map(CodeSet.init)
    tags = try root.entries("tag").map(Tag.init)
    flags = try root.entries("flag").map(Flag.init)
    constants = try root.entries("constant").map(Constant.init)
    settings = try root.entries("setting").map(SettingForm.init)
    var structs = [try Self.journalStruct(settings)]
    for entry in try root.entries("struct") { structs.append(try StructForm(entry, constants, structs)) }
    self.structs = structs
    events = try root.entries("event").map(EventForm.init)
    let codes = codes
    rows = try root.entries("row").map { try RowForm($0, codes) }
    records = try root.entries("record").map { try RecordForm($0, codes) }
    saved = try root.entries("saved").map(SavedForm.init)
    try check()
  }

  func tag(_ name: String) throws -> Tag {
    guard let tag = tags.first(where: { $0.name == name }) else { throw VocabularyError("no tag \(name)") }
    return tag
  }

  /// All those of the C headers.
  func allStructs() throws -> [StructForm] {
    try structs + rows.compactMap(numbers)
  }

  /// The struct of a row; nil when it has none.
  func numbers(of row: RowForm) throws -> StructForm? {
    let numbers = row.numbers
    return numbers.isEmpty ? nil : try StructForm(row.cStruct, row.meaning, numbers, structs)
  }

  func head(of record: RecordForm) throws -> StructForm {
    guard let head = structs.first(where: { $0.name == record.head }) else {
      throw VocabularyError("\(record.name): no struct \(record.head)")
    }
    return head
  }

  private func check() throws {
    func unique(_ values: [some Hashable], _ what: String) throws {
      guard Set(values).count == values.count else { throw VocabularyError("\(what): given twice") }
    }
    for set in codes { try unique(set.values.map(\.code), "a code of \(set.name)") }
    try unique(tags.map(\.code), "a tag")
    for tag in tags where !(1..<Tag.bits).contains(tag.code) && !Tag.skippable.contains(tag.code) {
      throw VocabularyError("tag \(tag.name): \(tag.code) is neither below \(Tag.bits) nor in \(Tag.skippable)")
    }
    try unique(flags.map(\.bit), "a flag")
    try unique(events.map(\.code), "an event's code")
    try unique(settings.map(\.code), "a setting's code")
    try unique(rows.map(\.code), "a row's code")
    try unique(records.map { "\($0.ring) \($0.code)" } + events.map { "submission \($0.code)" }, "a record's code")
    for name in (rows.flatMap(\.fields) + records.flatMap(\.fields)).flatMap(\.tags) { _ = try tag(name) }
    for record in records {
      let head = try head(of: record)
      for member in record.fields.flatMap(\.headMembers) where !head.members.contains(where: { $0.name == member }) {
        throw VocabularyError("\(record.name): no member \(member) of \(head.name)")
      }
      guard head.members.dropFirst(2).prefix(2).map(\.name) == ["slots", "text_bytes"] else {
        throw VocabularyError("\(head.name): a head begins with kind, a byte, slots and text_bytes")
      }
    }
    for event in events {
      for field in event.allFields {
        for name in field.tags { _ = try tag(name) }
        guard field.flags.allSatisfy({ name in flags.contains { $0.name == name } }) else {
          throw VocabularyError("\(event.name).\(field.name): no such flag")
        }
      }
    }
  }
}

/// What is wrong with the vocabulary.
public struct VocabularyError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

struct Limit {
  let name: String
  let meaning: String
  let bytes: Int?
  let count: Int?
  let range: ClosedRange<Int>?
  let type: String

  init(_ entry: Entry) throws {
    name = try entry.text("name")
    meaning = try entry.text("meaning")
    bytes = entry.number("bytes")
    count = entry.number("count")
    type = entry.optional("type") ?? "Int"
    let ends = entry.numbers("range")
    range = ends.count == 2 ? ends[0]...ends[1] : nil
  }

  /// Its constant in Swift.
  var swift: String { bytes == nil ? name.camel : name.camel + "Bytes" }
}

struct CodeSet {
  struct Value {
    let code: Int
    let name: String
    let swift: String
    let meaning: String
  }

  let name: String
  /// Its type in Swift; nil when there is none.
  let swift: String?
  let raw: String
  /// The file in EventModel that has its type.
  let file: String
  let meaning: String
  let values: [Value]

  init(_ entry: Entry) throws {
    name = try entry.text("name")
    swift = entry.optional("swift")
    raw = entry.optional("raw") ?? "UInt8"
    file = entry.optional("file") ?? "Codes"
    meaning = try entry.text("meaning")
    values = try entry.entries("values").map { value in
      let name = try value.text("name")
      return Value(
        code: try value.integer("code"), name: name, swift: value.optional("swift") ?? name.camel,
        meaning: try value.text("meaning"))
    }
  }
}

struct Tag {
  /// Those that a reader has to know.
  static let bits = 32
  /// Those that a reader skips when it does not know them.
  static let skippable = 0x8000..<0x8020

  let code: Int
  let name: String
  /// What an event's text may hold there; nil for tags of results and rows.
  let form: String?
  let limit: String?
  let repeats: Bool
  /// As errors name it.
  let field: String
  let since: Since
  let meaning: String

  init(_ entry: Entry) throws {
    code = try entry.integer("code")
    name = try entry.text("name")
    since = Since(entry)
    form = entry.optional("form")
    limit = entry.optional("limit")
    repeats = entry.flag("repeats")
    field = entry.optional("field") ?? name.lowercased()
    meaning = try entry.text("meaning")
  }

  var constant: String { "RM_TAG_\(name)" }

  /// What an event's fields keep of it.
  var swiftType: String {
    guard let form, form.hasPrefix("rm_") || form == "specification" else { return "String" }
    return form.hasPrefix("rm_") ? form : form.pascal
  }
}

/// The version of the formats that something came with.
struct Since {
  static let first = 2

  let version: Int
  var isLater: Bool { version > Self.first }

  init(_ entry: Entry) {
    version = entry.number("since") ?? Self.first
  }

  /// What the header and the manual say of it: nothing of the first version.
  var remark: String { version == Self.first ? "" : " (since version \(version))" }
}

struct Flag {
  let bit: Int
  let name: String
  let meaning: String

  init(_ entry: Entry) throws {
    bit = try entry.integer("bit")
    name = try entry.text("name")
    meaning = try entry.text("meaning")
  }
}
