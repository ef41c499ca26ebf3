/// What one side of a ring does while there is nothing for it to do. Each side chooses for itself.
public enum WaitingStrategy: String, Sendable, Hashable, CaseIterable, BitwiseCopyable {
  /// Looks again and again, a `pause` between two looks: the least latency, for the price of a whole processor.
  case busySpin = "busy-spin"
  /// Spins a little, then offers the processor to others between two looks and takes it back when none wants it.
  case yield
  /// Spins a little, yields a few times, then sleeps until its doorbell is rung: costs nothing while idle, and some 15 µs
  /// to come back.
  case park
}

extension IdleStrategy {
  /// The strategy with the usual number of turns before each step.
  public init(_ waiting: WaitingStrategy) {
    switch waiting {
    case .busySpin: self.init(spins: .max, yields: 0)
    case .yield: self.init(spins: Self.usualSpins, yields: .max - Self.usualSpins)
    case .park: self.init()
    }
  }
}
