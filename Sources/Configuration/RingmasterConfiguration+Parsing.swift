import Platform

/// From a text in TOML to a configuration.
extension RingmasterConfiguration {
  /// Reads a file.
  ///
  /// - Parameter registry: as below.
  /// - Throws: `ConfigurationError` with all that is wrong in the file, or why it cannot be read; `SystemError` where it could
  ///   be at another time.
  public init(contentsOfFile path: String, usableWith registry: PluginRegistry? = nil) throws {
    let bytes = try Self.bytes(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError(
        source: path, problems: [ConfigurationProblem(key: "", expected: "UTF-8", came: "other bytes")])
    }
    try self.init(toml: text, source: path, usableWith: registry)
  }

  /// A file that is not there, is too large or may not be read is as wrong as one with a fault in it: it stays so.
  private static func bytes(_ path: String) throws -> [UInt8] {
    do {
      return try TextFile.contents(path, maximumBytes: ConfigurationDocument.maximumBytes)
    } catch let error as SystemError where !error.meansExhausted {
      let remedy =
        if error.meansNobodyThere {
          "; \"ringctl config show\" prints one with every setting"
        } else if error.meansForbidden {
          "; let user \(Machine.userName(Machine.effectiveUserID())) read it"
        } else {
          ""
        }
      throw ConfigurationError(
        source: path,
        problems: [ConfigurationProblem(key: "", expected: "a file that can be read", came: "\(error)\(remedy)")])
    }
  }

  /// Makes sense of a text in TOML 1.0. What it does not set has its default.
  ///
  /// - Parameters:
  ///   - source: names the text in errors.
  ///   - registry: when there is one, the parts named must be registered there, and the accounts named must exist on
  ///     this machine.
  public init(
    toml text: String, source: String? = nil, usableWith registry: PluginRegistry? = nil
  ) throws(ConfigurationError) {
    self.init()
    let document = try ConfigurationDocument(text, source: source)
    var problems: [ConfigurationProblem] = []
    for member in document.root { take(member, of: document, &problems) }
    if problems.isEmpty {
      problems = contradictions
      if let registry { problems += registry.problems(in: plugins) + accountProblems }
      problems = problems.map { document.located($0) }
    }
    guard problems.isEmpty else {
      throw ConfigurationError(source: source, problems: problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
  }

  private mutating func take(
    _ table: DocumentNode.Member, of document: ConfigurationDocument, _ problems: inout [ConfigurationProblem]
  ) {
    guard Settings.tables.contains(where: { $0.name == table.key }), case .table(let members) = table.node else {
      let known = Settings.tables.map { "[\($0.name)]" }.joined(separator: ", ")
      problems.append(
        document.located(
          ConfigurationProblem(
            key: table.key, expected: "only the tables \(known)", came: "\(table.node.summary) of that name")))
      return
    }
    for member in members {
      guard let setting = Settings.all.first(where: { $0.table == table.key && $0.key == member.key }) else {
        let known = Settings.all.filter { $0.table == table.key }.map(\.key).joined(separator: ", ")
        problems.append(
          document.located(
            ConfigurationProblem(
              key: "\(table.key).\(member.key)", expected: "only \(known)", came: "a key of another name")))
        continue
      }
      do throws(ConfigurationProblem) {
        setting.store(&self, try setting.value(of: member.node))
      } catch {
        problems.append(document.located(error))
      }
    }
  }

  private var accountProblems: [ConfigurationProblem] {
    do throws(ConfigurationError) {
      _ = try dispatcherConfiguration()
      return []
    } catch {
      return error.problems
    }
  }

  /// Settings that are each in range and do not go together.
  var contradictions: [ConfigurationProblem] {
    var problems: [ConfigurationProblem] = []
    let controller = dispatcher.controller
    if controller.brakeReleaseSharePercent > controller.brakeEngageSharePercent {
      problems.append(
        ConfigurationProblem(
          key: "brake.release_share_percent",
          expected: "at most brake.engage_share_percent, which is \(controller.brakeEngageSharePercent)",
          came: "\(controller.brakeReleaseSharePercent)"))
    }
    for (key, names) in [
      ("plugins.middleware", plugins.middleware), ("plugins.observers", plugins.observers.map(\.name)),
    ] {
      guard let repeated = names.first(where: { name in names.count { $0 == name } > 1 }) else { continue }
      problems.append(ConfigurationProblem(key: key, expected: "each name once", came: "\"\(repeated)\" again"))
    }
    return problems
  }
}

extension ConfigurationDocument {
  package func located(_ problem: ConfigurationProblem) -> ConfigurationProblem {
    problem.at(line: line(of: Self.path(of: problem.key)))
  }

  /// A key of the top level has no dot before it; one in a table has its first dot behind the table's name.
  private static func path(of key: String) -> [String] {
    key.split(separator: ".", maxSplits: 1).map(String.init)
  }
}
