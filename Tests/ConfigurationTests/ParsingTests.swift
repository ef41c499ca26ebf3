import Configuration
import Testing

@Suite struct ParsingTests {
  private func problems(_ text: String, _ registry: PluginRegistry? = nil) -> [String] {
    do throws(ConfigurationError) {
      _ = try RingmasterConfiguration(toml: text, source: "f.toml", usableWith: registry)
      return []
    } catch {
      return error.description.split(separator: "\n").map(String.init)
    }
  }

  @Test func anEmptyFileIsTheDefaults() throws {
    #expect(try RingmasterConfiguration(toml: "") == RingmasterConfiguration())
    #expect(try RingmasterConfiguration(toml: "# nothing\n[liveness]\n") == RingmasterConfiguration())
  }

  @Test func everyKindOfValue() throws {
    let configuration = try RingmasterConfiguration(
      toml: """
        dispatcher.instance = "blue"
        [plugins]
        policy = 'least-loaded'
        middleware = [
          "first",   # a remark
          "second",
        ]
        observers = ["log", { name = "audit", priority = -5 }]
        [liveness]
        worker_timeout_ms = 30_000
        [dispatcher.log]
        """.replacing("[dispatcher.log]", with: "[access]\ncontrol_users = [\"root\"]"))
    #expect(configuration.dispatcher.instance == "blue")
    #expect(configuration.plugins.policy == "least-loaded")
    #expect(configuration.plugins.middleware == ["first", "second"])
    #expect(
      configuration.plugins.observers == [ObserverChoice(name: "log"), ObserverChoice(name: "audit", priority: -5)])
    #expect(configuration.dispatcher.controller.workerTimeoutMs == 30_000)
    #expect(try configuration.dispatcherConfiguration().access.control.users == [0])
  }

  @Test func aProblemNamesFileLineKeyExpectationAndValue() {
    #expect(
      problems("\n[liveness]\nworker_timeout_ms = 0\n") == [
        "f.toml:3: liveness.worker_timeout_ms: expected an integer from 1 to 31536000000, got the integer 0"
      ])
    #expect(
      problems("[liveness]\nworker_timeout_ms = \"1s\"") == [
        "f.toml:2: liveness.worker_timeout_ms: expected an integer from 1 to 31536000000, got the string \"1s\""
      ])
    #expect(
      problems("[dispatcher]\nlog_level = \"loud\"") == [
        "f.toml:2: dispatcher.log_level: expected one of trace, debug, info, notice, warning, error, critical, "
          + "got the string \"loud\""
      ])
    #expect(
      problems("[access]\nuser = []") == [
        "f.toml:2: access.user: expected only ingest_users, ingest_groups, control_users, control_groups, "
          + "observe_users, observe_groups, worker_users, worker_groups, got a key of another name"
      ])
    #expect(
      problems("timeout = 5").first?.hasPrefix("f.toml:1: timeout: expected only the tables [dispatcher]") == true)
    #expect(problems("[brakes]\nx = 1").first?.hasPrefix("f.toml:1: brakes: expected only the tables") == true)
  }

  @Test func allProblemsAreToldInTheOrderOfTheFile() {
    let told = problems(
      """
      [plugins]
      middleware = [
        "a",
        7,
      ]
      policy = ""

      [liveness] # the second
      sweep_interval_ms = 1.5
      [dispatcher]
      idle_spins = true
      """)
    #expect(told.map { $0.prefix(9) } == ["f.toml:2:", "f.toml:6:", "f.toml:9:", "f.toml:11"])
  }

  /// What looks like a key in a text of several lines is none.
  @Test func linesAreThoseOfStatements() {
    let text = "[dispatcher]\ninstance = '''\nidle_spins = 1\n'''\nidle_spins = -1\n"
    #expect(problems(text).map { $0.prefix(10) } == ["f.toml:2: ", "f.toml:5: "])
    #expect(problems("dispatcher = { idle_spins = -1 }").first?.hasPrefix("f.toml:1: dispatcher.idle_spins") == true)
    #expect(problems("\"dispatcher\".\"idle_spins\" = -1").first?.hasPrefix("f.toml:1: dispatcher.idle_spins") == true)
  }

  @Test func whatIsNoTOMLIsRefusedWithItsLine() {
    for (text, line) in [("[liveness\n", 1), ("[liveness]\nx = \n", 2), ("\n\na = 1\na = 2\n", 4), ("a b = 1", 1)] {
      #expect(problems(text).first?.hasPrefix("f.toml:\(line): expected TOML 1.0, got a fault: ") == true, "\(text)")
    }
    #expect(problems("[dispatcher]\ninstance = \"a\\u0000b\"") == ["f.toml: expected text without NUL, got a NUL"])
    #expect(problems(String(repeating: "#", count: 70_000)) == ["f.toml: expected at most 65536 bytes, got 70000"])
    #expect(problems(String(repeating: "\n", count: 5000)) == ["f.toml: expected at most 4096 lines, got 5001"])
  }

  @Test func whatDoesNotGoTogetherIsRefused() {
    #expect(
      problems("[brake]\nrelease_share_percent = 60") == [
        "f.toml:2: brake.release_share_percent: expected at most brake.engage_share_percent, which is 55, got 60"
      ])
    #expect(
      problems("[plugins]\nobservers = [\"log\", { name = \"log\", priority = 1 }]") == [
        "f.toml:2: plugins.observers: expected each name once, got \"log\" again"
      ])
  }

  @Test func observersAreChecked() {
    for (text, expected) in [
      ("[{ priority = 1 }]", "a name"), ("[{ name = \"a\", level = 1 }]", "only name and priority"),
      ("[{ name = \"a\", priority = \"high\" }]", "a priority from"), ("[[\"a\"]]", "an array of names"),
      ("[\"\"]", "names of 1 to 255 bytes"), ("\"log\"", "an array of names"),
    ] {
      let told = problems("[plugins]\nobservers = \(text)")
      #expect(told.first?.hasPrefix("f.toml:2: plugins.observers: expected \(expected)") == true, "\(text): \(told)")
    }
  }

  @Test func partsAndAccountsMustBeThereWhenAsked() {
    let text =
      "[plugins]\npolicy = \"rack-aware\"\nmiddleware = [\"m\"]\n[access]\nobserve_groups = [\"no such group\"]\n"
    #expect(problems(text) == [])
    #expect(
      problems(text, PluginRegistry()) == [
        "f.toml:2: plugins.policy: expected one of first-fit, least-loaded, best-fit, got \"rack-aware\"",
        "f.toml:3: plugins.middleware: expected no name, since none is registered, got \"m\"",
        "f.toml:5: access.observe_groups: expected a group of this machine, by name or number, got \"no such group\"",
      ])
  }

  /// One setting at a time at both ends of its range, one beyond each, and of every other type.
  @Test(arguments: Settings.all.map(\.name))
  func everySettingHasItsRangeAndType(name: String) throws {
    let setting = try #require(Settings.all.first { $0.name == name })
    func problems(_ value: String) -> [String] { self.problems("\(name) = \(value)") }
    if case .integer = setting.defaultValue {
      let bounds = try #require(setting.expected.firstMatch(of: #/from (-?\d+) to (-?\d+)$/#))
      let (least, most) = (try #require(Int64(bounds.1)), try #require(Int64(bounds.2)))
      #expect(setting.unit?.isEmpty == false)
      for value in [least, most] {
        // The share at which the brake is released is also bounded by the one at which it engages.
        let other = name == "brake.release_share_percent" ? "\nbrake.engage_share_percent = 100" : ""
        let rest = name == "brake.engage_share_percent" ? "\nbrake.release_share_percent = 0" : ""
        let configuration = try RingmasterConfiguration(toml: "\(name) = \(value)\(other)\(rest)")
        #expect(setting.value(in: configuration) == .integer(value))
      }
      for value in [least - 1, most + 1, .min, .max] { #expect(problems("\(value)").count == 1, "\(value)") }
      #expect(problems("9223372036854775808").count == 1)
    } else {
      #expect(problems("1").count == 1)
    }
    for wrong in ["true", "1.5", "1979-05-27", "{ a = 1 }", "nan"] { #expect(problems(wrong).count == 1, "\(wrong)") }
    for value in ["\"\"", "[1]"] {
      let told = problems(value)
      #expect(told.count == 1 && told[0].hasPrefix("f.toml:1: \(name): expected "), "\(value): \(told)")
    }
  }
}
