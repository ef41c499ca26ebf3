/// A run to be repeated: a text of one line for the seed and profile, and one for each step.
public struct SimulationScript: Sendable {
  public let seed: UInt64
  public let profile: DispatcherProfile
  public let steps: [SimulationStep]

  public init(seed: UInt64, profile: DispatcherProfile, steps: [SimulationStep]) {
    self.seed = seed
    self.profile = profile
    self.steps = steps
  }

  /// - Returns: nil when a line is none of a script.
  public init?(text: String) {
    let lines = text.split(whereSeparator: \.isNewline)
    let head = lines.first?.split(separator: " ") ?? []
    guard head.count == 4, head[0] == "seed", head[2] == "profile", let seed = UInt64(head[1]),
      let profile = DispatcherProfile(rawValue: String(head[3]))
    else { return nil }
    let steps = lines.dropFirst().map { SimulationStep(text: $0) }
    guard !steps.contains(nil) else { return nil }
    self.init(seed: seed, profile: profile, steps: steps.compactMap(\.self))
  }

  public var text: String {
    (["seed \(seed) profile \(profile.rawValue)"] + steps.map(\.text)).joined(separator: "\n")
  }
}
