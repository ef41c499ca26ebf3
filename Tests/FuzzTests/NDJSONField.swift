import EventJSON
import EventModel

/// What a field of an event may hold.
enum NDJSONForm: Sendable {
  /// A string of at most so many bytes, not empty.
  case name(maxBytes: Int)
  /// The same, and not like a handle.
  case newName
  /// A string of at most so many bytes without control characters; so are the names above.
  case label(maxBytes: Int)
  /// Any string of at most so many bytes.
  case text(maxBytes: Int)
  case integer(ClosedRange<Int64>)
  case cpus
  case flag
  /// The name of a code.
  case code
  /// Any string.
  case string
  case object
  case array

  /// Values that do not belong there.
  var wrong: [JSONValue] {
    let others: [JSONValue] = [
      .null, .boolean(true), .number("7"), .string("seven"), .array([]), .object([]),
    ]
    func except(_ isRight: (JSONValue) -> Bool) -> [JSONValue] { others.filter { !isRight($0) } }
    func long(_ maxBytes: Int) -> JSONValue { .string(String(repeating: "x", count: maxBytes + 1)) }
    let strings = except { if case .string = $0 { true } else { false } }
    let numbers = except { if case .number = $0 { true } else { false } }
    let controls: [JSONValue] = ["a\n", "\u{1B}[2J", "\0", "\u{7F}", "a\u{9F}"].map { .string($0) }
    switch self {
    case .name(let maxBytes): return strings + controls + [.string(""), long(maxBytes), .string("#1"), .string("#1.0")]
    case .newName: return strings + controls + [.string(""), long(Limits.nameBytes), .string("#1.1"), .string("#")]
    case .label(let maxBytes): return strings + controls + [long(maxBytes)]
    case .text(let maxBytes): return strings + [long(maxBytes)]
    case .integer(let range):
      return numbers + ["1.5", "1e3", "99999999999999999999", "-99999999999999999999"].map(JSONValue.number)
        + [.number(String(range.lowerBound - 1)), .number(String(range.upperBound + 1))]
    case .cpus: return numbers + ["-1", "-0.001", "0.0001", "1000001", "1e300", "1e999"].map(JSONValue.number)
    case .flag: return except { if case .boolean = $0 { true } else { false } } + [.number("0"), .number("1")]
    case .code: return strings + [.string("seven"), .string(""), .string("RUNNING ")]
    case .string: return strings
    case .object: return except { if case .object = $0 { true } else { false } }
    case .array: return except { if case .array = $0 { true } else { false } }
    }
  }
}

/// A field by its path, whose steps are names and indices.
struct NDJSONField: Sendable {
  enum Step: Sendable {
    case name(String)
    case index(Int)
  }

  let path: [Step]
  let form: NDJSONForm
  let isRequired: Bool
  /// The event has it.
  var isPresent = true

  init(_ path: Step..., form: NDJSONForm, isRequired: Bool = false) {
    self.init(path: path, form: form, isRequired: isRequired)
  }

  init(path: [Step], form: NDJSONForm, isRequired: Bool = false) {
    self.path = path
    self.form = form
    self.isRequired = isRequired
  }

  /// As errors name it.
  var text: String {
    var text = ""
    for step in path {
      switch step {
      case .name(let name): text += (text.isEmpty ? "" : ".") + name
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}

extension NDJSONField.Step: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  init(stringLiteral value: String) { self = .name(value) }
  init(integerLiteral value: Int) { self = .index(value) }
}

extension JSONValue {
  /// The same with another value at a path, or without it when there is none.
  func replacing(_ path: ArraySlice<NDJSONField.Step>, by value: JSONValue?) -> JSONValue? {
    guard let step = path.first else { return value }
    switch (self, step) {
    case (.object(let members), .name(let name)):
      return .object(
        members.compactMap { member in
          guard member.name == name else { return member }
          return member.value.replacing(path.dropFirst(), by: value).map { Member(name, $0) }
        })
    case (.array(var elements), .index(let index)):
      let replaced = elements[index].replacing(path.dropFirst(), by: value)
      elements.replaceSubrange(index...index, with: replaced.map { [$0] } ?? [])
      return .array(elements)
    default: preconditionFailure("\(self) has no \(step)")
    }
  }
}
