import EventModel

/// A set of event kinds, for saying what a stage of the pipeline wants to see.
@frozen
public struct EventKindSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  @inlinable
  public init(_ kinds: EventKind...) {
    self.rawValue = kinds.reduce(0) { $0 | EventKindSet.bit(of: $1) }
  }

  @inlinable
  public func contains(_ kind: EventKind) -> Bool {
    rawValue & EventKindSet.bit(of: kind) != 0
  }

  public static let all = EventKindSet(
    rawValue: EventKind.allCases.reduce(0) { $0 | EventKindSet.bit(of: $1) }
  )

  /// Everything but the one kind that comes by the million.
  public static let allButHeartbeats = all.subtracting(EventKindSet(.workerHeartbeat))

  @inlinable
  static func bit(of kind: EventKind) -> UInt32 {
    1 &<< UInt32(kind.rawValue)
  }
}
