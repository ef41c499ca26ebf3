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

    func observe(_ event: Event, _ transaction: Transaction) { seen.names.withLock { $0.append(name) } }
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
    #expect(parts.bus.counters.drops.isEmpty && parts.bus.counters.observerFailures.isEmpty)
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

  /// Collects the lines of the built-in observer `log`.
  private struct Lines: LogHandler {
    let seen: Seen
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      seen.names.withLock { $0.append("\(event.level) \(event.message): \(values.joined(separator: " "))") }
    }
  }

  @Test func theLogTellsOfFailuresOnly() throws {
    let seen = Seen()
    let log = Logger(label: "test", factory: { _ in Lines(seen: seen) })
    var choice = PluginChoice()
    choice.observers = [ObserverChoice(name: "log")]
    choice.deadLetterSink = "log"
    var parts = try PluginRegistry().parts(choice, PluginContext(log: log))
    var state = ControllerState(configuration: ControllerConfiguration())
    let metadata = WorkerMetadata(milliCPU: 8000)
    var request = JobRequest()
    request.replicas = 2
    for event: Event in [
      .workerRegistered("w", address: "a", metadata: metadata, timestampMs: 1),
      .jobSubmitted("j", request: request, timestampMs: 1), .taskAssigned("j/task-0", worker: "w"),
      .taskStateChanged("j/task-0", attempt: 0, state: .failed, error: "boom"),
      .workerFailed("nobody"), .workerFailed("w"),
    ] { _ = parts.bus.dispatch(event, to: &state) }
    let lines = seen.names.withLock { $0 }
    #expect(lines.count == 4, "\(lines)")
    #expect(
      lines.first
        == "warning failure: event=TASK_STATE_CHANGED subject=j/task-0 tasks_failed=1 transaction=4 workers_lost=0")
    #expect(lines.contains { $0.hasPrefix("notice dead letter: ") && $0.contains("unknownEntity") })
    #expect(lines.contains("notice event refused: event=WORKER_FAILED reason=unknown_worker transaction=5"))
    #expect(lines.last == "warning failure: event=WORKER_FAILED subject=w tasks_failed=0 transaction=6 workers_lost=1")
  }
}
