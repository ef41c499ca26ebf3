/// One step of a simulation. What exactly it does is drawn from its own seed and from what there is by then, so that others
/// can be left out of a script and it still does the like.
public struct SimulationStep: Hashable, Sendable {
  /// What is done next.
  public enum Kind: String, CaseIterable, Sendable {
    /// The threads of the dispatcher.
    case turn, commit, control, sleep
    /// Peers.
    case attach, detach, read, heartbeats, registrations, submissions, reports, operations, losses, silence, garbage
    case stops, drains, sources
    case machines, machineTrouble
    case queries
    /// An operator.
    case configure, letters
    /// Time.
    case pause, stall, wallClock
    /// Faults.
    case fault, heal, kill, dieAtCall, dieInTurn, powerCut, damage, spoilSnapshot, backup, restoreBackup, shutdown
    /// Beside it.
    case archive
  }

  public let kind: Kind
  public let seed: UInt64

  public init(_ kind: Kind, seed: UInt64) {
    self.kind = kind
    self.seed = seed
  }

  /// As a line of a script.
  public var text: String { "\(kind.rawValue) \(seed)" }

  /// - Returns: nil when the line is none of a script.
  public init?(text: some StringProtocol) {
    let words = text.split(separator: " ")
    guard words.count == 2, let kind = Kind(rawValue: String(words[0])), let seed = UInt64(words[1]) else { return nil }
    self.init(kind, seed: seed)
  }
}
