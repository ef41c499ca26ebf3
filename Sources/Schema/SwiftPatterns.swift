/// How Swift takes an event's body apart and makes one.
extension EventForm {
  /// `case .taskAssigned(let task, let worker)`
  var pattern: String {
    if fields.isEmpty { return "case .\(swiftCase)" }
    if payload != nil { return "case .\(swiftCase)(let \(payloadName))" }
    return "case .\(swiftCase)(\(fields.map { "let \($0.swift)" }.joined(separator: ", ")))"
  }

  var payloadName: String {
    guard let payload else { return "" }
    return payload.prefix(1).lowercased() + payload.dropFirst()
  }

  /// What a pattern calls a field.
  func access(_ field: FieldForm) -> String {
    if let object = field.object, let parent = fields.first(where: { $0.name == object }) {
      return "\(access(parent)).\(field.swift)"
    }
    return payload == nil ? field.swift : "\(payloadName).\(field.swift)"
  }

  /// `.taskAssigned(task, worker: worker)`, of constants named as its fields.
  var construction: String {
    if fields.isEmpty { return ".\(swiftCase)" }
    if let payload {
      return ".\(swiftCase)(\(payload)(\(fields.map { "\($0.swift): \($0.swift)" }.joined(separator: ", "))))"
    }
    let arguments = fields.enumerated().map { index, field in
      index == 0 && field.isReference ? field.swift : "\(field.swift): \(field.swift)"
    }
    return ".\(swiftCase)(\(arguments.joined(separator: ", ")))"
  }

  /// Fields in an order in which each has what its bounds need.
  var inOrderOfBounds: [FieldForm] { fields.filter { $0.atMost == nil } + fields.filter { $0.atMost != nil } }
}
