import Configuration
import Controller
import EventBus
import EventModel
import Logging
import Synchronization
import Testing

@Suite struct PluginRegistryTests {
  private struct Gate: Middleware {
    var name: String
    func process(_ event: Event) -> Event? { nil }
  }

  private struct Witness: EventObserver {
    let name: String
    let seen: Seen

    func observe(_ event: Event, _ transaction: Transaction) -> String? {
      seen.names.withLock { $0.append(name) }
      return nil
    }
  }

  private final class Seen: Sendable {
    let names = Mutex<[String]>([])
  }

  private struct OutOfOrder: Error {}

  private let context = PluginContext(log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))

  @Test func theDefaultsAreBuiltIn() throws {
    let parts = try PluginRegistry().parts(PluginChoice(), context)
    #expect(parts.policy.name == "first-fit")
    #expect(parts.bus.deadLetters is DiscardingDeadLetterSink)
    #expect(parts.bus.counters.drops.isEmpty && parts.bus.counters.observerFailures.map(\.name) == ["losses"])
  }

  @Test func middlewareInOrderAndObserversByPriority() throws {
    let seen = Seen()
    var registry = PluginRegistry()
    for name in ["b", "a"] { registry.register(middleware: name) { _ in Gate(name: name) } }
    for name in ["low", "high", "own"] { registry.register(observer: name) { _ in Witness(name: name, seen: seen) } }
    var choice = PluginChoice()
    choice.middleware = ["a", "b"]
    choice.policy = "least-loaded"
    choice.deadLetterSink = "log"
    choice.observers = [
      ObserverChoice(name: "low", priority: -1), ObserverChoice(name: "own"), ObserverChoice(name: "high", priority: 1),
    ]
    var parts = try registry.parts(choice, context)
    #expect(parts.policy.name == "least-loaded" && !(parts.bus.deadLetters is DiscardingDeadLetterSink))
    #expect(parts.bus.counters.drops.map(\.name) == ["a", "b"])
    #expect(parts.bus.counters.observerFailures.map(\.name) == ["high", "own", "low"])
    var state = ControllerState(configuration: ControllerConfiguration())
    let result = parts.bus.dispatch(.prune(nowMs: 1), to: &state)
    #expect(result.disposition == .dropped(by: "a") && seen.names.withLock { $0.isEmpty })
    choice.middleware = []
    parts = try registry.parts(choice, context)
    _ = parts.bus.dispatch(.prune(nowMs: 1), to: &state)
    #expect(seen.names.withLock { $0 } == ["high", "own", "low"])
  }

  @Test func whatCannotBeMadeIsNamed() {
    var registry = PluginRegistry()
    registry.register(middleware: "broken") { _ in throw OutOfOrder() }
    registry.register(observer: "alias") { _ in Witness(name: "another", seen: Seen()) }
    var broken = PluginChoice()
    broken.middleware = ["broken"]
    var alias = PluginChoice()
    alias.observers = [ObserverChoice(name: "alias")]
    var unknown = PluginChoice()
    unknown.deadLetterSink = "attic"
    for (choice, key) in [
      (broken, "plugins.middleware"), (alias, "plugins.observers"), (unknown, "plugins.dead_letter_sink"),
    ] {
      let error = #expect(throws: ConfigurationError.self) { _ = try registry.parts(choice, context) }
      #expect(error?.problems.map(\.key) == [key])
      #expect(error?.description.contains("alias") == true || error?.description.contains("\"") == true)
    }
  }
}
