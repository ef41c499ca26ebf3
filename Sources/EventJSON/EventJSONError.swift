/// Why a JSON text was refused: which field, what was expected there, and what came.
public struct EventJSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Problem: Hashable, Sendable {
    /// Not JSON at all. The field is the byte where it stopped being so.
    case syntax
    case missingField
    case unknownField
    case wrongType
    /// A number, or a count of elements, outside its limits.
    case outOfRange
    /// A string outside its limits.
    case badLength
    /// A name or label with a control character in it.
    case controlCharacter
    /// A string that is none of the words or forms allowed here.
    case unknownValue
    /// An event that only the dispatcher's own clock may make.
    case notExternal
    case lineTooLong
  }

  public let problem: Problem
  /// The path of the field, such as `request.replicas`; empty for the record as a whole.
  public let field: String
  public let expected: String
  public let came: String

  public init(_ problem: Problem, field: String, expected: String, came: String) {
    self.problem = problem
    self.field = field
    self.expected = expected
    self.came = came
  }

  public var description: String {
    let complaint = "expected \(expected), got \(came)"
    return field.isEmpty ? complaint : "\(field): \(complaint)"
  }
}
