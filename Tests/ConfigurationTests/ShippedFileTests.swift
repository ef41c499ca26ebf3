import Configuration
import EventModel
import Foundation
import Testing

/// `systemd/ringmaster.toml`, which is installed beside the units.
@Suite struct ShippedFileTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func text() throws -> String {
    try String(contentsOf: Self.root.appending(path: "systemd/ringmaster.toml"), encoding: .utf8)
  }

  /// By default nobody may attach; the installation has accounts for that.
  @Test func itIsTheDefaultsAndTheAccountsOfTheInstallation() throws {
    var expected = RingmasterConfiguration()
    expected.access.ingest.groups = ["ringmaster-ingest"]
    expected.access.control.users = ["ringmaster-ingest-ndjson"]
    expected.access.control.groups = ["ringmaster-operator"]
    expected.access.observe.groups = ["ringmaster-observer"]
    #expect(try RingmasterConfiguration(toml: try text()) == expected)
  }

  @Test func theSystemdFilesMakeItsAccounts() throws {
    let accounts = try String(
      contentsOf: Self.root.appending(path: "systemd/sysusers.d/ringmaster.conf"), encoding: .utf8)
    let access = try RingmasterConfiguration(toml: try text()).access
    for role in Role.allCases {
      for user in access[role].users { #expect(accounts.contains("\nu \(user) ")) }
      for group in access[role].groups { #expect(accounts.contains("\ng \(group) ")) }
    }
  }

  @Test func itIsWhatRingctlShows() throws {
    let path = "systemd/ringmaster.toml"
    #expect(
      try text() == RingmasterConfiguration(toml: try text()).commentedTOML,
      "make it anew with \"ringctl config show \(path)\"")
  }

  @Test func everySettingStandsInItOnce() throws {
    let lines = try text().split(separator: "\n", omittingEmptySubsequences: false)
    var table = ""
    var found: [String] = []
    for (index, line) in lines.enumerated() {
      #expect(line.count <= 120)
      if let header = line.wholeMatch(of: #/\[(\w+)\]/#) { table = String(header.1) }
      guard let statement = line.firstMatch(of: #/^(\w+) = /#) else { continue }
      found.append("\(table).\(statement.1)")
      #expect(lines[index - 1].hasPrefix("# "), "\(line) is explained")
    }
    #expect(found == Settings.all.map(\.name))
  }

  @Test func aFileOfOtherValuesIsReadAgainAsItWas() throws {
    var configuration = RingmasterConfiguration()
    configuration.dispatcher.socketPath = "/tmp/a \"quoted\" \\ path\t"
    configuration.dispatcher.controller.workerTimeoutMs = 1
    configuration.logLevel = .trace
    configuration.access.control.groups = ["staff", "größer"]
    configuration.plugins.middleware = ["a", "b"]
    configuration.plugins.observers = [ObserverChoice(name: "log", priority: 7), ObserverChoice(name: "x")]
    #expect(try RingmasterConfiguration(toml: configuration.commentedTOML) == configuration)
  }
}
