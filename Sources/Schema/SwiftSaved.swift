/// What a snapshot has of an entity.
struct SavedForm {
  struct Field {
    let swift: String
    let type: String
    var meaning = ""
    var isPlain = false
    /// The list of texts that its number is of.
    var pool: String?
    var isRequired = false
    /// An earlier snapshot does not have it.
    var isLater = false

    /// Of `resources.milliCPU` too.
    var local: String { swift.replacing(".", with: "_") }
  }

  let swift: String
  let meaning: String
  let fields: [Field]

  init(_ entry: Entry) throws {
    swift = try entry.text("swift")
    meaning = try entry.text("meaning")
    fields = try entry.entries("fields").map { field in
      Field(
        swift: try field.text("name").camel, type: try field.text("type"), meaning: try field.text("meaning"),
        isPlain: field.flag("plain"), pool: field.optional("pool"), isRequired: field.flag("required"))
    }
  }

  init(_ swift: String, _ fields: [Field]) {
    self.swift = swift
    self.meaning = ""
    self.fields = fields
  }

  /// Preceded by its length, so that fields can be added: what comes from an event, whose kinds gain fields.
  fileprivate var isFramed: Bool { swift == "JobRequest" }

  fileprivate var isSmall: Bool { fields.allSatisfy { !$0.type.hasPrefix("String") && $0.type != "JobRequest" } }
}

/// Snapshots: their structs, and how these are bytes.
extension Vocabulary {
  func swiftSavedState() -> String {
    var out = Self.swiftFile(["EventModel"])
    for (index, form) in saved.enumerated() {
      if index > 0 { out.add() }
      out.wrap(form.meaning, "/// ")
      out.block("public struct \(form.swift): Hashable, Sendable\(form.isSmall ? ", BitwiseCopyable" : "")") { out in
        for field in form.fields {
          out.wrap(field.meaning.sentence, "/// ")
          out.add("public var \(field.swift): \(field.type)")
        }
        out.add()
        out.block("public init(\(form.fields.map { "\($0.swift): \($0.type)" }.joined(separator: ", ")))") { out in
          for field in form.fields { out.add("self.\(field.swift) = \(field.swift)") }
        }
      }
    }
    return out.text
  }

  /// Views and parts of events that a snapshot has as they are.
  private var savedWhole: [SavedForm] {
    rows.filter { $0.swift == "ZoneBrake" }.map { row in
      SavedForm(row.swift!, row.fields.map { SavedForm.Field(swift: $0.swift, type: $0.swiftType) })
    }
      + jobObjects.map { object in
        SavedForm(
          object.structName,
          object.stored.bySince.map {
            SavedForm.Field(swift: $0.swift, type: $0.swiftType, isPlain: $0.since.isLater, isLater: $0.since.isLater)
          })
      }
  }

  func swiftSnapshot() -> String {
    var out = Self.swiftFile(["Controller", "EventModel"])
    out.block("extension ByteSink") { out in
      for (index, form) in (saved + savedWhole).enumerated() {
        if index > 0 { out.add() }
        out.block("mutating func put(_ value: \(form.swift))") { out in
          if form.isFramed { out.add("let start = beginFrame()") }
          for field in form.fields {
            let label =
              field.isPlain && field.type.hasPrefix("String") ? "plain: " : field.pool == nil ? "" : "textNumber: "
            if codes.contains(where: { $0.swift.map { "\($0)?" } == field.type }) {
              out.add("put(value.\(field.swift)?.rawValue ?? 0)")
              continue
            }
            let isCode = codes.contains { $0.swift == field.type }
            let raw = isCode || field.type.hasSuffix("Handle") ? ".rawValue" : ""
            out.add("put(\(label)value.\(field.swift)\(raw))")
          }
          if form.isFramed { out.add("endFrame(start)") }
        }
      }
    }
    out.add()
    out.block("extension ByteSource") { out in
      for (index, form) in (saved + savedWhole).enumerated() {
        if index > 0 { out.add() }
        let name = form.swift.prefix(1).lowercased() + form.swift.dropFirst()
        out.block("mutating func \(name)(_ counts: TextCounts) throws(Fault) -> \(form.swift)") { out in
          if form.isFramed { out.add("let end = try frame()") }
          for field in form.fields {
            let value = reading(field)
            out.add("let \(field.local): \(field.type) = \(field.isLater ? "offset < end ? \(value) : nil" : value)")
          }
          if form.isFramed {
            out.add("try leave(frame: end)")
            out.add("var value = \(form.swift)()")
            for field in form.fields { out.add("value.\(field.swift) = \(field.local)") }
            return out.add("return value")
          }
          out.add(
            "return \(form.swift)(\(form.fields.map { "\($0.swift): \($0.swift)" }.joined(separator: ", ")))")
        }
      }
    }
    return out.text
  }

  private func reading(_ field: SavedForm.Field) -> String {
    if let pool = field.pool { return "try textNumber(below: counts.\(pool), isNeeded: \(field.isRequired))" }
    if codes.contains(where: { $0.swift == field.type }) { return "try code(\"\(field.swift)\")" }
    if codes.contains(where: { $0.swift.map { "\($0)?" } == field.type }) {
      return "try optionalCode(\"\(field.swift)\")"
    }
    switch field.type {
    case "UInt32", "UInt64": return "try unsigned()"
    case "Bool": return "try flag()"
    case "String": return field.isPlain ? "try plainText()" : "try text()"
    case "String?": return field.isPlain ? "try optionalPlainText()" : "try optionalText()"
    case "[UInt32]": return "try numbers()"
    case let type where type.hasSuffix("Handle"): return "\(type)(rawValue: try unsigned())"
    case let type where type.hasPrefix("Int"): return type.hasSuffix("?") ? "try optionalSigned()" : "try signed()"
    case let type:
      let name = type.prefix(1).lowercased() + type.dropFirst()
      return "try \(name.replacing("?", with: ""))(\(type.hasSuffix("?") ? "" : "counts"))"
    }
  }

  func swiftRequestDigest() -> String {
    var out = Self.swiftFile(["EventModel"])
    out.block("extension StateDigest") { out in
      for object in jobObjects {
        out.block("mutating func add(_ request: borrowing \(object.structName))") { out in
          for member in object.stored {
            let value = "request.\(member.swift)"
            if member.isCode {
              out.add("add(UInt64(\(value).rawValue))")
              continue
            }
            switch member.swiftType {
            case "Bool": out.add("add(\(value) ? 1 : 0 as UInt64)")
            case "Int32": out.add("add(Int64(\(value)))")
            default: out.add("add(\(value))")
            }
          }
        }
      }
    }
    return out.text
  }

  func swiftRequestColumns() -> String {
    var out = Self.swiftFile(["EventJSON", "EventModel", "SQLite"])
    for object in jobObjects {
      let members = Self.storedMembers(object).bySince
      out.block("extension \(object.structName)") { out in
        out.add("/// The columns of the table of jobs that hold it.")
        let names = members.map { $0.type == "cpu" ? "milli_cpu" : $0.name }
        out.add("package static let columns = \"\(names.joined(separator: ", "))\"")
        out.add()
        func declaration(_ name: String, _ member: FieldForm) -> String {
          let isText = ["devices", "constraints", "specification"].contains(member.type) || member.isCode
          let type = member.swiftType.hasPrefix("String") || isText ? "TEXT" : "INTEGER"
          let declaration = "\(name) \(type)\(member.swiftType.hasSuffix("?") ? "" : " NOT NULL")"
          return (declaration + (member.since.isLater ? ";" : ",")).padding(to: 35) + " -- \(member.meaning)"
        }
        let fields = zip(names, members)
        let declarations = fields.filter { !$0.1.since.isLater }.map(declaration)
        out.add("static let columnDeclarations = \"\"\"")
        out.add("  \(declarations.joined(separator: "\n      "))")
        out.add("  \"\"\"")
        out.add()
        out.add("/// What brings the table to each later version.")
        out.add("static let columnMigrations: [String] = [")
        for version in Set(members.map(\.since.version)).subtracting([Since.first]).sorted() {
          let later = fields.filter { $0.1.since.version == version }.map(declaration)
          out.add("  \"\(later.map { "ALTER TABLE jobs ADD COLUMN \($0)" }.joined(separator: "\\n"))\",")
        }
        out.add("]")
        out.add()
        out.add("/// Their values.")
        out.block("package var columnValues: [SQLiteStatement.Value]") { out in
          out.add("[")
          for member in members {
            let value = member.swift
            if member.isCode {
              out.add("  .text(\(value).name),")
              continue
            }
            switch member.swiftType {
            case "Bool": out.add("  .integer(\(value) ? 1 : 0),")
            case "String?": out.add("  \(value).map { .text($0) } ?? .null,")
            case "DeviceCounts", "Constraints", "Specification": out.add("  .text(\(value).json.text),")
            case let type where type.hasSuffix("?"): out.add("  \(value).map { .integer(Int64($0)) } ?? .null,")
            default: out.add("  .integer(Int64(\(value))),")
            }
          }
          out.add("]")
        }
      }
    }
    return out.text
  }
}

extension [FieldForm] {
  /// Those of the first version first, in their order.
  fileprivate var bySince: [FieldForm] {
    filter { !$0.since.isLater } + filter(\.since.isLater).sorted { $0.since.version < $1.since.version }
  }
}
