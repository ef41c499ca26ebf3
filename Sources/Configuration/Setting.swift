import EventModel

/// One setting: where it stands in the file, what it means, what it may hold, and where its value belongs.
public struct Setting: Sendable {
  /// How the text of a setting is checked: what was expected when it will not do, else nil.
  typealias TextCheck = @Sendable (String) -> String?

  /// How a number in range is checked, in the same way.
  typealias NumberCheck = @Sendable (Int64) -> String?

  enum Form: Sendable {
    case integer(ClosedRange<Int64>, NumberCheck)
    case text(TextCheck)
    case oneOf([String])
    case texts
    case observers
  }

  public let table: String
  public let key: String
  /// Whole sentences, for people.
  public let meaning: String
  /// What a number counts; nil for texts.
  public let unit: String?
  /// What it may hold, as errors and the commented file say it.
  public let expected: String
  /// A reload does not change it.
  public var isReadAtStartOnly = false
  let form: Form
  let load: @Sendable (RingmasterConfiguration) -> SettingValue
  let store: @Sendable (inout RingmasterConfiguration, SettingValue) -> Void

  /// The same, read at the start only.
  func atStartOnly() -> Setting {
    var setting = self
    setting.isReadAtStartOnly = true
    return setting
  }

  /// `liveness.worker_timeout_ms`
  public var name: String { "\(table).\(key)" }

  public func value(in configuration: RingmasterConfiguration) -> SettingValue { load(configuration) }

  /// Makes this setting in `target` what it is in `source`.
  public func copy(from source: RingmasterConfiguration, to target: inout RingmasterConfiguration) {
    store(&target, load(source))
  }

  public var defaultValue: SettingValue { load(RingmasterConfiguration()) }

  static func number<Number: FixedWidthInteger & Sendable>(
    _ table: String, _ key: String, in range: ClosedRange<Int64>, _ unit: String,
    _ path: WritableKeyPath<RingmasterConfiguration, Number> & Sendable,
    check: @escaping NumberCheck = { _ in nil }, _ meaning: String
  ) -> Setting {
    Setting(
      table: table, key: key, meaning: meaning, unit: unit,
      expected: "an integer from \(range.lowerBound) to \(range.upperBound)", form: .integer(range, check),
      load: { .integer(Int64($0[keyPath: path])) },
      store: { configuration, value in
        if case .integer(let number) = value { configuration[keyPath: path] = Number(number) }
      })
  }

  /// A setting of the state machine.
  static func controller(_ setting: ControllerSetting) -> Setting {
    Setting(
      table: setting.table, key: setting.key, meaning: setting.meaning, unit: setting.unit,
      expected: "an integer from \(setting.range.lowerBound) to \(setting.range.upperBound)",
      isReadAtStartOnly: setting.isReadAtStartOnly, form: .integer(setting.range) { _ in nil },
      load: { .integer($0.dispatcher.controller[setting]) },
      store: { configuration, value in
        if case .integer(let number) = value { configuration.dispatcher.controller[setting] = number }
      })
  }

  static func text(
    _ table: String, _ key: String, _ expected: String,
    _ path: WritableKeyPath<RingmasterConfiguration, String> & Sendable, check: @escaping TextCheck, _ meaning: String
  ) -> Setting {
    Setting(
      table: table, key: key, meaning: meaning, unit: nil, expected: expected, form: .text(check),
      load: { .text($0[keyPath: path]) },
      store: { configuration, value in if case .text(let text) = value { configuration[keyPath: path] = text } })
  }

  static func texts(
    _ table: String, _ key: String, _ expected: String,
    _ path: WritableKeyPath<RingmasterConfiguration, [String]> & Sendable, _ meaning: String
  ) -> Setting {
    Setting(
      table: table, key: key, meaning: meaning, unit: nil, expected: expected, form: .texts,
      load: { .texts($0[keyPath: path]) },
      store: { configuration, value in if case .texts(let texts) = value { configuration[keyPath: path] = texts } })
  }
}

/// Reading a value of a document.
extension Setting {
  /// Texts in one list, and their longest length in bytes.
  static let maximumTexts = 64
  static let maximumTextBytes = 255

  /// - Throws: the problem, without its line.
  func value(of node: DocumentNode) throws(ConfigurationProblem) -> SettingValue {
    switch form {
    case .integer(let range, let check):
      guard case .integer(let number) = node, range.contains(number) else { throw problem(node) }
      if let expected = check(number) { throw problem(node, expected: expected) }
      return .integer(number)
    case .text(let check):
      guard case .text(let text) = node else { throw problem(node) }
      if let expected = check(text) { throw problem(node, expected: expected) }
      return .text(text)
    case .oneOf(let allowed):
      guard case .text(let text) = node, allowed.contains(text) else { throw problem(node) }
      return .text(text)
    case .texts: return .texts(try list(node) { node throws(ConfigurationProblem) in try self.name(node) })
    case .observers:
      let observers = try list(node) { node throws(ConfigurationProblem) in try observer(node) }
      return .observers(observers)
    }
  }

  private func list<Element>(
    _ node: DocumentNode, _ element: (DocumentNode) throws(ConfigurationProblem) -> Element
  ) throws(ConfigurationProblem) -> [Element] {
    guard case .array(let nodes) = node else { throw problem(node) }
    guard nodes.count <= Self.maximumTexts else {
      throw problem(node, expected: "at most \(Self.maximumTexts) of them")
    }
    var elements: [Element] = []
    for node in nodes { elements.append(try element(node)) }
    return elements
  }

  private func name(_ node: DocumentNode) throws(ConfigurationProblem) -> String {
    guard case .text(let text) = node else { throw problem(node) }
    guard !text.isEmpty, text.utf8.count <= Self.maximumTextBytes else {
      throw problem(node, expected: "names of 1 to \(Self.maximumTextBytes) bytes")
    }
    return text
  }

  private func observer(_ node: DocumentNode) throws(ConfigurationProblem) -> ObserverChoice {
    guard case .table(let members) = node else { return ObserverChoice(name: try name(node)) }
    if let unknown = members.first(where: { $0.key != "name" && $0.key != "priority" }) {
      throw problem(node, expected: "only name and priority", came: "the key \(unknown.key)")
    }
    guard let nameNode = members.first(where: { $0.key == "name" })?.node else {
      throw problem(node, expected: "a name", came: "an observer without one")
    }
    let name = try name(nameNode)
    guard let priority = members.first(where: { $0.key == "priority" })?.node else { return ObserverChoice(name: name) }
    guard case .integer(let number) = priority, ObserverChoice.priorities.contains(number) else {
      let range = ObserverChoice.priorities
      throw problem(priority, expected: "a priority from \(range.lowerBound) to \(range.upperBound)")
    }
    return ObserverChoice(name: name, priority: Int(number))
  }

  private func problem(_ node: DocumentNode, expected: String? = nil, came: String? = nil) -> ConfigurationProblem {
    ConfigurationProblem(key: name, expected: expected ?? self.expected, came: came ?? node.summary)
  }
}

extension ConfigurationProblem: Error {}
