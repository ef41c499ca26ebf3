import Controller
import EventBus
import Logging

/// What a plug-in is given when it is made.
public struct PluginContext: Sendable {
  /// Labelled with the dispatcher's own name. Never blocks: another thread writes what is logged, and entries that it cannot
  /// keep up with are counted and told.
  public let log: Logger

  public init(log: Logger) {
    self.log = log
  }
}

/// The parts that an executable offers, under the names by which a configuration switches them on.
///
/// A deployment with parts of its own builds its own `ringmasterd`: it registers them in a few lines and calls
/// `DispatcherProgram.main`. Parts are compiled in, so their types are checked, and nothing is loaded at run time.
public struct PluginRegistry: Sendable {
  public typealias Factory<Part> = @Sendable (PluginContext) throws -> Part

  struct Shelf<Part>: Sendable {
    private(set) var entries: [(name: String, make: Factory<Part>)] = []

    mutating func add(_ name: String, _ make: @escaping Factory<Part>) {
      precondition(!name.isEmpty, "a part has a name")
      precondition(!entries.contains { $0.name == name }, "\"\(name)\" is registered already")
      entries.append((name, make))
    }

    subscript(name: String) -> Factory<Part>? { entries.first { $0.name == name }?.make }

    var names: [String] { entries.map(\.name) }
  }

  var policies = Shelf<any SchedulingPolicy>()
  var middleware = Shelf<any Middleware>()
  var observers = Shelf<any EventObserver>()
  var deadLetterSinks = Shelf<any DeadLetterSink>()

  /// Offers what is built in.
  public init() {
    registerBuiltIns()
  }

  /// Offers a scheduling policy. The name must be new among policies; so it is with the other parts.
  public mutating func register(policy name: String, _ make: @escaping Factory<any SchedulingPolicy>) {
    policies.add(name, make)
  }

  /// Offers a middleware. What it makes must bear the same name.
  public mutating func register(middleware name: String, _ make: @escaping Factory<any Middleware>) {
    middleware.add(name, make)
  }

  /// Offers an observer. What it makes must bear the same name.
  public mutating func register(observer name: String, _ make: @escaping Factory<any EventObserver>) {
    observers.add(name, make)
  }

  /// Offers a sink for dead letters.
  public mutating func register(deadLetterSink name: String, _ make: @escaping Factory<any DeadLetterSink>) {
    deadLetterSinks.add(name, make)
  }
}
