import DispatcherSettings
import Logging
import Platform

/// Everything that `ringmasterd` can be told by its file and its options: one value, read whole and then never changed.
public struct RingmasterConfiguration: Sendable, Hashable {
  /// Its `access` is empty: accounts are named here and looked up by `dispatcherConfiguration()`.
  public var dispatcher = DispatcherConfiguration()
  public var logLevel = Logger.Level.info
  public var access = AccessChoice()
  public var plugins = PluginChoice()
  public var journal = JournalChoice()
  /// Of `ringmaster-archive`, which reads the same file.
  public var archive = ArchiveChoice()

  public init() {}

  /// What the dispatcher itself takes. Where the journal is depends on the environment: see `JournalChoice.folder`.
  ///
  /// - Throws: `ConfigurationError` that names an account which this machine does not have.
  public func dispatcherConfiguration() throws(ConfigurationError) -> DispatcherConfiguration {
    var configuration = dispatcher
    var problems: [ConfigurationProblem] = []
    configuration.access = access.policy(&problems)
    configuration.journal = journal.settings
    if !problems.isEmpty { throw ConfigurationError(source: nil, problems: problems) }
    return configuration
  }
}

/// The parts that are switched on, by the names under which they are registered.
public struct PluginChoice: Sendable, Hashable {
  public var policy = "first-fit"
  /// In the order in which events pass them.
  public var middleware: [String] = []
  public var observers = [ObserverChoice(name: FailureLog.lossesName)]
  public var deadLetterSink = "none"

  public init() {}
}

/// An observer that is switched on.
public struct ObserverChoice: Sendable, Hashable {
  public static let priorities: ClosedRange<Int64> = -1_000_000...1_000_000

  public let name: String
  /// Higher runs first; nil leaves it to the observer.
  public let priority: Int?

  public init(name: String, priority: Int? = nil) {
    self.name = name
    self.priority = priority
  }
}
