import DispatcherSettings
import EventBus

/// From names to parts.
extension PluginRegistry {
  /// The names that `choice` uses and nobody has registered.
  public func problems(in choice: PluginChoice) -> [ConfigurationProblem] {
    var problems: [ConfigurationProblem] = []
    func check(_ key: String, _ name: String, _ known: [String]) {
      guard !known.contains(name) else { return }
      let expected = known.isEmpty ? "no name, since none is registered" : "one of " + known.joined(separator: ", ")
      problems.append(ConfigurationProblem(key: "plugins.\(key)", expected: expected, came: "\"\(name)\""))
    }
    check("policy", choice.policy, policies.names)
    for name in choice.middleware { check("middleware", name, middleware.names) }
    for observer in choice.observers { check("observers", observer.name, observers.names) }
    check("dead_letter_sink", choice.deadLetterSink, deadLetterSinks.names)
    return problems
  }

  /// Makes what `choice` names.
  ///
  /// - Throws: `ConfigurationError` when a name is not registered or a part cannot be made.
  public func parts(_ choice: PluginChoice, _ context: PluginContext) throws(ConfigurationError) -> DispatcherParts {
    let unknown = problems(in: choice)
    guard unknown.isEmpty else { throw ConfigurationError(source: nil, problems: unknown) }
    var parts = DispatcherParts()
    parts.policy = try make("policy", choice.policy, policies, context)
    parts.bus.deadLetters = try make("dead_letter_sink", choice.deadLetterSink, deadLetterSinks, context)
    for name in choice.middleware {
      let part = try make("middleware", name, middleware, context)
      try check("middleware", name, isNamed: part.name)
      parts.bus.add(part)
    }
    for observer in choice.observers {
      let part = try make("observers", observer.name, observers, context)
      try check("observers", observer.name, isNamed: part.name)
      parts.bus.add(part, priority: observer.priority)
    }
    return parts
  }

  private func make<Part>(
    _ key: String, _ name: String, _ shelf: Shelf<Part>, _ context: PluginContext
  ) throws(ConfigurationError) -> Part {
    guard let factory = shelf[name] else { preconditionFailure("\(name) was found to be registered") }
    do {
      return try factory(context)
    } catch {
      throw failure(key, expected: "a part that can be made", came: "\"\(name)\", which failed: \(error)")
    }
  }

  /// Counters and results go by the part's own name, so it must be the one in the file.
  private func check(_ key: String, _ name: String, isNamed ownName: String) throws(ConfigurationError) {
    guard ownName != name else { return }
    throw failure(key, expected: "a part that bears its registered name", came: "\"\(name)\", called \"\(ownName)\"")
  }

  private func failure(_ key: String, expected: String, came: String) -> ConfigurationError {
    ConfigurationError(
      source: nil, problems: [ConfigurationProblem(key: "plugins.\(key)", expected: expected, came: came)])
  }
}
