/// A record that is no event: a request, or a part of a result.
struct RecordForm {
  enum Ring: String { case submission, result }

  let code: Int
  let name: String
  let ring: Ring
  /// The struct that is its head.
  let head: String
  /// The struct that its fields are in Swift; nil for those of an enum case.
  let swift: String?
  /// The record whose struct its fields are in, too.
  let like: String?
  let meaning: String
  let fields: [RowField]

  init(_ entry: Entry, _ codes: [CodeSet]) throws {
    code = try entry.integer("code")
    name = try entry.text("name")
    let ring = try entry.text("ring")
    guard let known = Ring(rawValue: ring) else {
      throw VocabularyError("\(name): ring is submission or result, not \(ring)")
    }
    self.ring = known
    head = try entry.text("head")
    swift = entry.optional("swift")
    like = entry.optional("like")
    meaning = try entry.text("meaning")
    fields = try entry.entries("fields").map { try RowField($0, codes) }
  }

  var constant: String { "RM_KIND_\(name)" }
  /// Its head can be the whole of it.
  var isBare: Bool { fields.allSatisfy { $0.tags.isEmpty || $0.isOptional } }
}

/// A struct of the C header.
struct StructForm {
  let name: String
  let meaning: String
  let members: [Member]
  let size: Int
  /// Is it of the journal's files, not of what processes share?
  let isJournal: Bool

  init(_ entry: Entry, _ constants: [Constant], _ structs: [StructForm]) throws {
    let members = try entry.entries("members").map { try Member($0, constants) }
    let isJournal = entry.optional("file") == "journal"
    try self.init(entry.text("name"), entry.text("meaning"), members, structs, isJournal: isJournal)
  }

  /// - Parameter structs: those that a member may be.
  init(
    _ name: String, _ meaning: String, _ members: [Member], _ structs: [StructForm] = [], isJournal: Bool = false
  ) throws {
    (self.name, self.meaning, self.isJournal) = (name, meaning, isJournal)
    var offset = 0
    self.members = try members.map { member in
      guard offset % member.size == 0 else { throw VocabularyError("\(name).\(member.name): a gap is before it") }
      var member = member
      member.offset = offset
      let whole = structs.first { member.type == "struct \($0.name)" }
      offset += (whole?.size ?? member.size) * (member.count ?? 1)
      return member
    }
    size = offset
    guard members.allSatisfy({ offset % $0.size == 0 }) else { throw VocabularyError("\(name): a gap is at its end") }
  }
}

/// A member of a struct.
struct Member {
  let type: String
  let name: String
  let count: Int?
  /// The constant that the count is.
  let length: String?
  let meaning: String
  /// What it is when a record does not have it; nil for 0.
  let none: String?
  var offset = 0

  init(_ type: String, _ name: String, count: Int? = nil, _ meaning: String) {
    (self.type, self.name, self.count, self.meaning, none, length) = (type, name, count, meaning, nil, nil)
  }

  init(_ entry: Entry, _ constants: [Constant] = []) throws {
    type = try entry.text("c")
    name = try entry.text("name")
    let constant = constants.first { $0.name == entry.optional("count") }
    length = constant.map { Constant.reference($0.name) }
    count = try constant.map { try $0.number() } ?? entry.number("count")
    meaning = try entry.text("meaning")
    none = entry.optional("none")
  }

  private static let sizes = [
    "struct": 8, "int64_t": 8, "uint64_t": 8, "int16_t": 2, "uint16_t": 2, "uint8_t": 1, "char": 1,
  ]

  /// Of one of them; of a struct, its alignment.
  var size: Int { Self.sizes[String(type.prefix { $0 != " " })] ?? 4 }
}

/// A value that has a name, and nothing to do with any other.
struct Constant {
  let name: String
  /// As C writes it.
  let value: String
  let meaning: String

  init(_ entry: Entry) throws {
    name = try entry.text("name")
    value = try entry.text("value")
    meaning = try entry.text("meaning")
  }

  var digits: String { value.replacing(#/u(ll)?$/#, with: "") }

  func number() throws -> Int {
    guard let number = Int(digits) else { throw VocabularyError("\(name): \(value) is no count") }
    return number
  }

  /// As Swift and C name one, or a number as it is.
  static func reference(_ name: String) -> String { name.first?.isLetter == true ? "RM_\(name)" : name }
}
