import ArgumentParser
import Configuration
import EventJSON
import Platform

/// `ringctl config`: the configuration file of a dispatcher.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Checks and explains configuration files of ringmasterd, with no daemon.",
    subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self])
}

/// `ringctl config check`: says what is wrong with a file.
struct ConfigCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says what is wrong with a configuration file.",
    discussion: """
      Prints a line for each fault: the file, the line, the key, what was expected and what came; and exits 1 if there \
      is one. Parts that are not built in, and accounts that this machine does not have, are only remarked on: a \
      ringmasterd that registers them may run elsewhere, and its own --check-config knows. --json prints one object: \
      file, valid, problems and remarks, each with line, key, expected and came.
      """)

  @Argument(help: "The file, in TOML.", completion: .file(extensions: ["toml"]))
  var file: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let problems = try problems(nil)
    let remarks = problems.isEmpty ? try self.problems(PluginRegistry()) : []
    if json {
      try StandardStream.output.writeLine(
        JSONValue.object([
          JSONValue.Member("file", .string(file)), JSONValue.Member("valid", .boolean(problems.isEmpty)),
          JSONValue.Member("problems", .array(problems.map(\.json))),
          JSONValue.Member("remarks", .array(remarks.map(\.json))),
        ]).text)
    } else {
      if !problems.isEmpty {
        let error = ConfigurationError(source: file, problems: problems)
        for line in error.description.split(separator: "\n") {
          try StandardStream.output.writeLine(String(line).withoutControls)
        }
      }
      for remark in remarks {
        try StandardStream.output.writeLine(
          "\(file):\(remark.line.map(String.init) ?? "?"): remark: \(remark)".withoutControls)
      }
      if problems.isEmpty { try StandardStream.output.writeLine("\(file): valid".withoutControls) }
    }
    if !problems.isEmpty { throw ExitCode.failure }
  }

  private func problems(_ registry: PluginRegistry?) throws -> [ConfigurationProblem] {
    do {
      _ = try RingmasterConfiguration(contentsOfFile: file, usableWith: registry)
      return []
    } catch let error as ConfigurationError {
      return error.problems
    }
  }
}

/// `ringctl config show`: every setting, with its meaning.
struct ConfigShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Prints a commented configuration file with every setting.",
    discussion: """
      Without a file the defaults, with one what a dispatcher would take from it. --json prints one object: settings, \
      each with key, value, default, unit, expected, reloadable and meaning.
      """)

  @Argument(help: "The file, in TOML.", completion: .file(extensions: ["toml"]))
  var file: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let configuration =
      try file.map { try RingmasterConfiguration(contentsOfFile: $0) } ?? RingmasterConfiguration()
    guard json else { return try StandardStream.output.writeLine(String(configuration.commentedTOML.dropLast())) }
    let settings = Settings.all.map { $0.json(in: configuration) }
    try StandardStream.output.writeLine(JSONValue.object([JSONValue.Member("settings", .array(settings))]).text)
  }
}

extension ConfigurationProblem {
  fileprivate var json: JSONValue {
    .object([
      JSONValue.Member("line", line.map { .integer($0) } ?? .null), JSONValue.Member("key", .string(key)),
      JSONValue.Member("expected", .string(expected)), JSONValue.Member("came", .string(came)),
    ])
  }
}

extension Setting {
  fileprivate func json(in configuration: RingmasterConfiguration) -> JSONValue {
    .object([
      JSONValue.Member("key", .string(name)), JSONValue.Member("value", value(in: configuration).json),
      JSONValue.Member("default", defaultValue.json), JSONValue.Member("unit", unit.map { .string($0) } ?? .null),
      JSONValue.Member("expected", .string(expected)), JSONValue.Member("reloadable", .boolean(!isReadAtStartOnly)),
      JSONValue.Member("meaning", .string(meaning)),
    ])
  }
}

extension SettingValue {
  fileprivate var json: JSONValue {
    switch self {
    case .integer(let number): .integer(number)
    case .text(let text): .string(text)
    case .texts(let texts): .array(texts.map { .string($0) })
    case .observers(let observers):
      .array(
        observers.map { observer in
          .object([
            JSONValue.Member("name", .string(observer.name)),
            JSONValue.Member("priority", observer.priority.map { .integer($0) } ?? .null),
          ])
        })
    }
  }
}
