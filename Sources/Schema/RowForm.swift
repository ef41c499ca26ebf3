/// A row of a query's answer: the view that it is, and where its record holds each field.
struct RowForm {
  let code: Int
  let name: String
  let plural: String
  /// Its view; nil when its fields are those of an enum case.
  let swift: String?
  let meaning: String
  let fields: [RowField]
  /// What several fields share.
  private let shared: [Member]

  init(_ entry: Entry, _ codes: [CodeSet]) throws {
    code = try entry.integer("code")
    name = try entry.text("name")
    plural = try entry.text("plural")
    swift = entry.optional("swift")
    meaning = try entry.text("meaning")
    fields = try entry.entries("fields").map { try RowField($0, codes) }
    shared = try entry.entries("numbers").map { try Member($0) }
  }

  var cStruct: String { "rm_\(name)_row" }
  var swiftCase: String { name.camel }

  /// All, the widest first, so that the struct has no gap.
  var numbers: [Member] {
    let own = fields.flatMap { field -> [Member] in
      guard let type = field.cType, field.head == nil else { return [] }
      let number = Member(type, field.name, field.meaning)
      let flag = Member("uint8_t", "has_\(field.name)", "0 = no \(field.name)")
      return field.isOptional ? [number, flag] : [number]
    }
    let all = own + shared
    let sorted = [8, 4, 2, 1].flatMap { size in all.filter { $0.size == size } }
    let used = sorted.reduce(0) { $0 + $1.size * ($1.count ?? 1) } % 8
    return used == 0 ? sorted : sorted + [Member("uint8_t", "reserved", count: 8 - used, "0")]
  }
}

/// A field of a row, or of another record that is no event.
struct RowField {
  let name: String
  let meaning: String
  let swift: String
  let isOptional: Bool
  let isRequired: Bool
  let isLocal: Bool
  let isCode: Bool
  let tag: String?
  let tags: [String]
  let head: String?
  /// The constant that says that there is none.
  let none: String?
  /// Its member of the JSON object; nil for none.
  let json: String?
  let standard: String?
  /// As the schema has it, without a question mark.
  let type: String

  init(_ entry: Entry, _ codes: [CodeSet]) throws {
    name = try entry.text("name")
    meaning = try entry.text("meaning")
    swift = entry.optional("swift") ?? name.camel
    let type = try entry.text("type")
    isOptional = type.hasSuffix("?")
    let base = isOptional ? String(type.dropLast()) : type
    self.type = base
    isRequired = entry.flag("required")
    isLocal = entry.flag("local")
    isCode = codes.contains { $0.swift == base }
    tag = entry.optional("tag")
    tags = entry.texts("tags") + [entry.optional("tag")].compactMap { $0 }
    head = entry.optional("head")
    none = entry.optional("none")
    let json = entry.optional("json") ?? name
    self.json = json.isEmpty || isLocal ? nil : json
    standard = isLocal ? "[]" : entry.optional("standard")
  }

  private static let cTypes = [
    "Int64": "int64_t", "cpu": "int64_t", "UInt64": "uint64_t", "Int32": "int32_t", "UInt32": "uint32_t",
    "role": "uint32_t", "UInt8": "uint8_t", "Int16": "int16_t", "Int": "uint32_t", "Bool": "uint8_t",
  ]

  /// Its type in C; nil unless it is one number.
  var cType: String? {
    if isLocal { return nil }
    return isCode ? "uint8_t" : type.hasSuffix("Handle") ? "uint64_t" : Self.cTypes[type]
  }

  private var plainType: String { ["cpu": "Int64", "role": "UInt32"][type] ?? type }

  var swiftType: String { plainType + (isOptional ? "?" : "") }

  var headMembers: [String] { head?.replacing(" ", with: "").split(separator: ",").map(String.init) ?? [] }

  /// A value of several places, which code of its own reads and writes.
  var isPart: Bool { !isLocal && cType == nil && tag == nil }

  /// The number of a value.
  func number(of value: String) -> String {
    if isCode || type.hasSuffix("Handle") { return "\(value).rawValue" }
    switch type {
    case "Int": return "UInt32(clamping: \(value))"
    case "Bool": return "\(value) ? 1 : 0"
    default: return head == nil ? value : ".init(truncatingIfNeeded: \(value))"
    }
  }

  /// The value of a number.
  func value(of number: String) -> String {
    if isCode { return "try known(\"\(name)\", \(number))" }
    if type.hasSuffix("Handle") { return "\(type)(rawValue: \(number))" }
    switch type {
    case "Int": return "Int(\(number))"
    case "Bool": return "\(number) != 0"
    default: return head == nil ? number : "\(plainType)(truncatingIfNeeded: \(number))"
    }
  }
}
