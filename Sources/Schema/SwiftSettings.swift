/// A setting of the state machine.
struct SettingForm {
  let code: Int
  let name: String
  let table: String
  let key: String
  let type: String
  let range: ClosedRange<Int>
  let standard: Int
  let unit: String
  let isReadAtStartOnly: Bool
  let meaning: String

  init(_ entry: Entry) throws {
    code = try entry.integer("code")
    name = try entry.text("name")
    table = try entry.text("table")
    key = entry.optional("key") ?? name
    type = try entry.text("type")
    let ends = entry.numbers("range")
    standard = try entry.integer("default")
    unit = try entry.text("unit")
    isReadAtStartOnly = entry.flag("at_start")
    meaning = try entry.text("meaning")
    guard ends.count == 2, ends[0] <= ends[1], (ends[0]...ends[1]).contains(standard) else {
      throw VocabularyError("\(name): a range with the default in it")
    }
    range = ends[0]...ends[1]
  }
}

/// The settings of the state machine: their table, and the struct that holds them.
extension Vocabulary {
  func swiftSettingTable() -> String {
    var out = Self.swiftFile([])
    out.add("/// The settings that the state machine's decisions depend on. The raw value is the wire value.")
    Self.enumeration(
      "ControllerSetting", "UInt8",
      settings.map { (name: $0.name, swift: $0.name.camel, code: $0.code, meaning: $0.meaning) }, &out)
    out.add()
    out.block("extension ControllerSetting") { out in
      table("What it may be.", "range: ClosedRange<Int64>", { "\($0.range.lowerBound)...\($0.range.upperBound)" }, &out)
      table("The table of the configuration file that it is in.", "table: String", { "\"\($0.table)\"" }, &out)
      table("Its key in that table.", "key: String", { "\"\($0.key)\"" }, &out)
      table("What it counts.", "unit: String", { "\"\($0.unit)\"" }, &out)
      table("Whole sentences, for people.", "meaning: String", { "\"\($0.meaning)\"" }, &out)
      out.add("/// Read at the start only: it sizes the memory for transactions and decides nothing.")
      out.block("public var isReadAtStartOnly: Bool") { out in
        let names = settings.filter(\.isReadAtStartOnly).map { ".\($0.name.camel)" }
        out.add("[\(names.joined(separator: ", "))].contains(self)")
      }
    }
    return out.text
  }

  private func table(
    _ comment: String, _ name: String, _ value: (SettingForm) -> String, _ out: inout Text
  ) {
    out.add("/// \(comment)")
    out.block("public var \(name)") { out in
      out.choice("switch self") { out in
        for setting in settings { out.add("case .\(setting.name.camel): \(value(setting))") }
      }
    }
    out.add()
  }

  func swiftConfiguration() -> String {
    var out = Self.swiftFile(["EventModel"])
    out.wrap(
      "The settings that the state machine's decisions depend on. Two controllers with equal settings that handle the same"
        + " events make the same transactions.", "/// ")
    out.block("public struct ControllerConfiguration: Sendable, Hashable") { out in
      for setting in settings {
        out.wrap(setting.meaning, "/// ")
        out.add("public var \(setting.name.camel): \(setting.type) = \(setting.standard)")
      }
      out.add()
      out.add("public init() {}")
      out.add()
      out.add("/// A setting by its name, as a number in its range.")
      out.block("public subscript(setting: ControllerSetting) -> Int64") { out in
        out.block("get") { out in
          out.choice("switch setting") { out in
            for setting in settings { out.add("case .\(setting.name.camel): Int64(\(setting.name.camel))") }
          }
        }
        out.block("set") { out in
          out.add(
            "precondition(setting.range.contains(newValue), \"\\(setting.name) is in \\(setting.range), got \\(newValue)\")"
          )
          out.choice("switch setting") { out in
            for setting in settings {
              out.add("case .\(setting.name.camel): \(setting.name.camel) = \(setting.type)(newValue)")
            }
          }
        }
      }
    }
    return out.text
  }

  /// Those that decide anything.
  private var decisive: [SettingForm] { settings.filter { !$0.isReadAtStartOnly } }

  /// As the journal has them.
  static func journalStruct(_ settings: [SettingForm]) throws -> StructForm {
    try StructForm(
      "rm_journal_settings", "What the state machine's decisions depend on.",
      settings.filter { !$0.isReadAtStartOnly }.map { Member("int64_t", $0.name, $0.meaning) }, isJournal: true)
  }

  func swiftConfigurationRecord() -> String {
    var out = Self.swiftFile(["Controller", "CRingmaster"])
    out.block("extension rm_journal_configuration") { out in
      out.block("init(_ configuration: ControllerConfiguration)") { out in
        out.add("self.init()")
        for setting in decisive { out.add("settings.\(setting.name) = Int64(configuration.\(setting.name.camel))") }
      }
    }
    out.add()
    out.block("extension ControllerConfiguration") { out in
      out.add("/// - Returns: nil when a number is out of its type's range.")
      out.block("init?(_ raw: rm_journal_configuration)") { out in
        out.add("self.init()")
        for setting in decisive {
          let (name, value) = (setting.name.camel, "raw.settings.\(setting.name)")
          if setting.type != "Int64" {
            out.add("guard let \(name) = \(setting.type)(exactly: \(value)) else { return nil }")
          }
          out.add("self.\(name) = \(setting.type == "Int64" ? value : name)")
        }
      }
      out.add()
      out.add("/// These settings with those of `other` that are read at the start only and decide nothing.")
      out.block("func keepingLogSizes(of other: ControllerConfiguration) -> ControllerConfiguration") { out in
        out.add("var merged = self")
        for setting in settings where setting.isReadAtStartOnly {
          out.add("merged.\(setting.name.camel) = other.\(setting.name.camel)")
        }
        out.add("return merged")
      }
    }
    return out.text
  }
}
