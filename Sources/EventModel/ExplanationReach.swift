/// How far back an explanation goes. The raw value is the wire value.
public enum ExplanationReach: UInt8, CaseIterable, Sendable {
  /// To how the entity began.
  case creation = 0
  /// To the oldest transaction that is still in the log; what was before has left it.
  case log = 1
  /// To the largest number of steps that an explanation has.
  case stepLimit = 2

  public var name: String {
    switch self {
    case .creation: "creation"
    case .log: "log"
    case .stepLimit: "stepLimit"
    }
  }
}
