import Foundation
import Testing

/// A few small rounds of `ringtorture`, and the proof that it can fail: it finds each fault that it commits itself.
@Suite("Crash torture", .serialized)
struct TortureTests {
  private static let events = "250"

  @Test func nothingIsLostAndNothingIsThereTwice() throws {
    let report = try torture("--rounds", "2", "--events", Self.events, "--reattach-timeout", "2500")
    #expect(report.status == 0, "\(report)")
    #expect(report["rounds"] == 2)
    #expect(report["events"] > 0, "\(report)")
    #expect(report["lost"] == 0 && report["duplicated"] == 0 && report["wrong"] == 0, "\(report)")
    #expect(report.kills > 0, "\(report)")
  }

  @Test(arguments: [("dropped-result", "lost"), ("repeated-event", "duplicated"), ("lost-commits", "lost")])
  func aFaultIsFound(sabotage: String, kind: String) throws {
    let report = try torture("--rounds", "1", "--events", Self.events, "--sabotage", sabotage)
    #expect(report.status == 1, "\(report)")
    #expect(report[kind] > 0, "\(report)")
    #expect(report.failedRounds == 1, "\(report)")
  }

  /// What one run said, and how it ended.
  private struct Report: CustomStringConvertible {
    let status: Int32
    let description: String
    private let members: [String: Any]

    init(status: Int32, output: Data, seed: UInt64) throws {
      self.status = status
      description = "seed \(seed), status \(status): \(String(decoding: output, as: UTF8.self))"
      members = try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any])
    }

    subscript(name: String) -> Int { members[name] as? Int ?? -1 }

    var kills: Int { (members["kills"] as? [String: Int] ?? [:]).values.reduce(0, +) }

    var failedRounds: Int { (members["failed_rounds"] as? [Any] ?? []).count }
  }

  private func torture(_ arguments: String...) throws -> Report {
    let seed = UInt64.random(in: 0..<1 << 32)
    let folder = FileManager.default.temporaryDirectory.appending(path: "torture-\(seed)")
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "ringtorture")
    process.arguments =
      arguments + ["--json", "--seed", "\(seed)", "--keep", folder.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let report = try Report(status: process.terminationStatus, output: text, seed: seed)
    // What an unexpected failure left is for a person to look at.
    let wasExpected = report.status == (arguments.contains("--sabotage") ? 1 : 0)
    if wasExpected { try FileManager.default.removeItem(at: folder) }
    return report
  }
}
