import Controller
import EventJSON
import EventModel

/// A failing run, shrunk, in a form that can be run again without the simulator.
public struct Counterexample: Sendable {
  public let seed: UInt64
  public let profile: FuzzProfile
  /// Steps that were made up, all told, up to the failure.
  public let originalSteps: Int
  /// What was wrong at first; shrinking may have come upon a simpler fault.
  public let originalMessages: [String]
  public let steps: [ScriptStep]
  public let messages: [String]
  public let configuration: ControllerConfiguration

  /// Shrinks the failing `run` that `seed` and `profile` made; nil when it did not fail.
  public init?<Judge>(
    shrinking run: Fuzzer<Judge>.Run, by fuzzer: Fuzzer<Judge>, seed: UInt64, profile: FuzzProfile
  ) {
    guard let failure = run.failure else { return nil }
    var shrinker = Shrinker(fuzzer)
    self.seed = seed
    self.profile = profile
    originalSteps = run.steps.count
    originalMessages = failure.messages
    steps = shrinker.shrink(run.steps)
    // Of steps that do not fail when they are taken again, the first failure is all there is to tell.
    messages = fuzzer.replay(steps).failure?.messages ?? ["fails only while the steps are made up"] + failure.messages
    configuration = fuzzer.configuration
  }

  /// The settings that differ from the standard ones, as `ringctl simulate --config` takes them.
  public var settings: [(name: String, value: Int64)] {
    let standard = ControllerConfiguration()
    return ControllerSetting.allCases.filter { configuration[$0] != standard[$0] }.map {
      ($0.name, configuration[$0])
    }
  }

  public var json: JSONValue {
    .object([
      .init("seed", .integer(seed)),
      .init("profile", .string(profile.rawValue)),
      .init("original_events", .integer(originalSteps)),
      .init("original_messages", .array(originalMessages.map(JSONValue.string))),
      .init("messages", .array(messages.map(JSONValue.string))),
      .init("settings", .object(settings.map { .init($0.name, .integer($0.value)) })),
      .init("events", .array(steps.map(\.json))),
    ])
  }
}
