/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
  /// Counts from 1; nil when the problem is not of a file.
  public let line: Int?
  /// The table and key, `liveness.worker_timeout_ms`; empty for the file as a whole.
  public let key: String
  public let expected: String
  public let came: String

  public init(line: Int? = nil, key: String, expected: String, came: String) {
    self.line = line
    self.key = key
    self.expected = expected
    self.came = came
  }

  public var description: String {
    (key.isEmpty ? "" : "\(key): ") + "expected \(expected), got \(came)"
  }

  func at(line: Int?) -> ConfigurationProblem {
    ConfigurationProblem(line: line, key: key, expected: expected, came: came)
  }
}

/// A configuration that cannot be used: all that is wrong with it, in the order of the file.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file; nil when the configuration came from elsewhere.
  public let source: String?
  public let problems: [ConfigurationProblem]

  public init(source: String?, problems: [ConfigurationProblem]) {
    precondition(!problems.isEmpty, "an error has a problem")
    self.source = source
    self.problems = problems
  }

  /// A line for each problem: `FILE:LINE: KEY: expected …, got …`.
  public var description: String {
    problems.map { problem in
      let place = [source, problem.line.map(String.init)].compactMap(\.self).joined(separator: ":")
      return place.isEmpty ? problem.description : "\(place): \(problem)"
    }.joined(separator: "\n")
  }
}
