import Configuration
import Foundation
import Testing

/// `systemd/ringmaster.toml`, which is installed beside the units.
@Suite struct ShippedFileTests {
  private func text() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "systemd/ringmaster.toml"), encoding: .utf8)
  }

  @Test func itIsTheDefaults() throws {
    let configuration = try RingmasterConfiguration(toml: try text(), usableWith: PluginRegistry())
    #expect(configuration == RingmasterConfiguration())
  }

  @Test func itIsWhatRingctlShows() throws {
    #expect(try text() == RingmasterConfiguration().commentedTOML, "make it anew with \"ringctl config show\"")
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
    configuration.allowedGroups = ["staff", "größer"]
    configuration.plugins.middleware = ["a", "b"]
    configuration.plugins.observers = [ObserverChoice(name: "log", priority: 7), ObserverChoice(name: "x")]
    #expect(try RingmasterConfiguration(toml: configuration.commentedTOML) == configuration)
  }
}
