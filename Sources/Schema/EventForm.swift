/// An event of the vocabulary with its fields.
struct EventForm {
  /// Who may say it.
  enum Source: String {
    case report, request, clock

    var meaning: String {
      switch self {
      case .report: "ingest and control peers"
      case .request: "control peers"
      case .clock: "the dispatcher alone"
      }
    }
  }

  let code: Int
  let name: String
  let source: Source
  /// The member that says when, and how much depends on it.
  let time: String
  /// The struct that holds its fields.
  let payload: String?
  let meaning: String
  /// How it reads, for people; nil for its error or reason.
  let remark: String?
  /// In order; those of an object are in it.
  let fields: [FieldForm]

  init(_ entry: Entry) throws {
    code = try entry.integer("code")
    name = try entry.text("name")
    let from = try entry.text("from")
    guard let source = Source(rawValue: from) else {
      throw VocabularyError("\(name): from is report, request or clock, not \(from)")
    }
    self.source = source
    time = try entry.text("time")
    payload = entry.optional("swift")
    meaning = try entry.text("meaning")
    remark = entry.optional("remark")
    let all = try entry.entries("fields").map(FieldForm.init)
    fields = all.filter { $0.object == nil }.map { field in
      var field = field
      field.members = all.filter { $0.object == field.name }
      return field
    }
  }

  /// Those of objects too, in order.
  var allFields: [FieldForm] { fields.flatMap { [$0] + $0.members } }

  /// The same as a record has them.
  var storedFields: [FieldForm] { fields.flatMap { [$0] + $0.stored } }

  var swiftCase: String { name.camel }

  /// The members of a record's head that its fields take, and the flag without which one means nothing.
  var headMembers: [(member: String, flag: String?)] {
    let members = allFields.flatMap { field -> [(String, String?)] in
      let flag = field.flags.first
      if field.type == "failure_cause" { return [("value", flag), ("extra", flag)] }
      return [field.handle, field.head].compactMap { $0 }.map {
        ($0, field.isOptional && field.head != nil ? flag : nil)
      }
    }
    return members.reduce(into: []) { all, next in
      if !all.contains(where: { $0.member == next.0 }) { all.append((next.0, next.1)) }
    }
  }
}

/// A field of an event.
struct FieldForm {
  private(set) var name: String
  private(set) var type: String
  private(set) var swift: String
  /// The object that it is a member of.
  let object: String?
  let isRequired: Bool
  private(set) var isOptional: Bool
  let defaultText: String?
  /// What a member of an object is when nothing is said.
  private(set) var standard: String?
  let example: String?
  let since: Since
  let meaning: String
  let limit: String?
  let range: String?
  let atMost: String?
  let handle: String?
  let head: String?
  let numbers: String?
  let tags: [String]
  let flags: [String]
  /// How an empty one is made, of an object.
  let new: String?
  var members: [FieldForm] = []

  init(_ entry: Entry) throws {
    name = try entry.text("name")
    type = try entry.text("type")
    swift = entry.optional("swift") ?? (name.hasSuffix("_id") ? String(name.dropLast(3)) : name).camel
    object = entry.optional("in")
    isRequired = entry.flag("required")
    isOptional = entry.flag("optional")
    defaultText = entry.optional("default")
    standard = entry.optional("standard")
    example = entry.optional("example")
    since = Since(entry)
    meaning = try entry.text("meaning")
    limit = entry.optional("limit")
    range = entry.optional("range")
    atMost = entry.optional("at_most")
    handle = entry.optional("handle")
    head = entry.optional("head")
    numbers = entry.optional("numbers")
    tags = entry.texts("tags") + [entry.optional("tag")].compactMap { $0 }
    flags = entry.texts("flags") + [entry.optional("flag")].compactMap { $0 }
    new = entry.optional("struct")
  }

  /// Its members as records and snapshots have them: those of a part that is one value there, such as
  /// `constraints.require`, as that part.
  var stored: [FieldForm] {
    var parts: Set<String> = []
    return members.compactMap { member in
      guard let part = member.wholePart else { return member }
      guard parts.insert(part).inserted else { return nil }
      var whole = member
      (whole.name, whole.type, whole.swift) = (part, part, part)
      (whole.isOptional, whole.standard) = (false, nil)
      return whole
    }
  }

  /// Of `resources.milliCPU`: the member of the struct that it is a part of, and what it is called there.
  var part: (name: String, field: String)? {
    let names = swift.split(separator: ".").map(String.init)
    return names.count == 2 ? (names[0], names[1]) : nil
  }

  private static let wholes: Set = ["constraints", "specification"]

  private var wholePart: String? { part.flatMap { Self.wholes.contains($0.name) ? $0.name : nil } }

  /// It is a code of a set of this name.
  var isCode: Bool { ["task_state", "end_reason", "if_exists", "when_cut_off", "sandbox"].contains(type) }

  var isReference: Bool { ["worker", "job", "task"].contains(type) }

  /// The bounds of its number, in Swift.
  func bounds(of number: String) -> String? {
    switch range {
    case nil: type == "cpu" ? "Limits.milliCPU" : nil
    case "count": "0...\(number).max"
    case let limit?: "Limits.\(limit.camel)"
    }
  }
}
