import CRingmaster
import Platform

/// What a duty cycle does when it found no work: spin a little, then yield the processor, then say that it is time to
/// park. After Aeron's backoff idle strategy.
public struct IdleStrategy: Sendable, BitwiseCopyable {
  /// Turns without work that end in a `pause` (about 20 ns each), then in a yield, before parking.
  public let spins: Int
  public let yields: Int
  private var idleTurns = 0

  public enum Step: Sendable {
    case paused
    case yielded
    case park
  }

  public static let usualSpins = 200
  public static let usualYields = 20

  /// The default parks after some 20 µs on an otherwise idle machine: it must not burn a core.
  ///
  /// - Parameters:
  ///   - spins: turns; `.max` for ever.
  ///   - yields: turns after those; with `spins` at most `.max`.
  public init(spins: Int = usualSpins, yields: Int = usualYields) {
    self.spins = spins
    self.yields = yields
  }

  /// Call after a turn that did something.
  public mutating func reset() {
    idleTurns = 0
  }

  /// Call after a turn that did nothing.
  ///
  /// - Parameter sharesProcessor: what comes next is another thread's work, which may need this processor: yields in the
  ///   place of spins.
  public mutating func idle(sharesProcessor: Bool = false) -> Step {
    idleTurns &+= 1
    if idleTurns <= spins, !sharesProcessor {
      rm_pause()
      return .paused
    }
    if idleTurns <= spins &+ yields {
      Machine.yield()
      return .yielded
    }
    return .park
  }
}
