/// An object whose fields are taken one by one, so that what is left at the end is what nobody knows.
public struct JSONFields {
  private let path: String
  private let isTrusted: Bool
  private let members: [JSONValue.Member]
  private var isTaken: [Bool]
  private var known: [String] = []

  /// `path` is where the object stands in the record; empty for the record itself.
  public init(_ value: JSONValue, path: String = "") throws(EventJSONError) {
    try self.init(JSONField(path: path, value: value))
  }

  init(_ field: JSONField) throws(EventJSONError) {
    guard case .object(let members) = field.value else {
      throw EventJSONError(.wrongType, field: field.path, expected: "an object", came: field.value.summary)
    }
    path = field.path
    isTrusted = field.isTrusted
    self.members = members
    isTaken = Array(repeating: false, count: members.count)
  }

  /// Takes a field that may be missing.
  public mutating func find(_ name: String) -> JSONField? {
    known.append(name)
    guard let index = members.firstIndex(where: { $0.name == name }) else { return nil }
    isTaken[index] = true
    return JSONField(path: pathOf(name), value: members[index].value, isTrusted: isTrusted)
  }

  /// Is there such a field, taken or not?
  public func has(_ name: String) -> Bool {
    members.contains { $0.name == name }
  }

  /// Takes a field that must be there.
  public mutating func require(_ name: String) throws(EventJSONError) -> JSONField {
    guard let field = find(name) else {
      throw EventJSONError(.missingField, field: pathOf(name), expected: "a value", came: "no such field")
    }
    return field
  }

  /// Takes all fields that are left, in the order given.
  public mutating func rest() -> [(name: String, field: JSONField)] {
    members.indices.filter { !isTaken[$0] }.map { index in
      isTaken[index] = true
      let (name, value) = (members[index].name, members[index].value)
      return (name, JSONField(path: pathOf(name), value: value, isTrusted: isTrusted))
    }
  }

  /// Refuses the object if it has a field that was not taken.
  public func finish() throws(EventJSONError) {
    guard !isTrusted, let index = isTaken.firstIndex(of: false) else { return }
    throw EventJSONError(
      .unknownField, field: pathOf(members[index].name), expected: "only \(known.joined(separator: ", "))",
      came: "a field of another name")
  }

  private func pathOf(_ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }
}
