import Foundation
import Platform
import Testing

/// A few small rounds of `ringtorture`, and the proof that it can fail: it finds each fault that it commits itself.
@Suite("Crash torture", .serialized)
struct TortureTests {
  private static let events = "250"

  @Test func nothingIsLostAndNothingIsThereTwice() throws {
    let report = try torture("--rounds", "2", "--events", Self.events, "--reattach-timeout", "2500")
    #expect(report.end == .code(0), "\(report)")
    #expect(report["rounds"] == 2)
    #expect(report["events"] > 0, "\(report)")
    #expect(report["lost"] == 0 && report["duplicated"] == 0 && report["wrong"] == 0, "\(report)")
    #expect(report.kills > 0, "\(report)")
  }

  @Test(arguments: [("dropped-result", "lost"), ("repeated-event", "duplicated"), ("lost-commits", "lost")])
  func aFaultIsFound(sabotage: String, kind: String) throws {
    let report = try torture("--rounds", "1", "--events", Self.events, "--sabotage", sabotage)
    #expect(report.end == .code(1), "\(report)")
    #expect(report[kind] > 0, "\(report)")
    #expect(report.failedRounds == 1, "\(report)")
  }

  /// What one run said, and how it ended.
  private struct Report: CustomStringConvertible {
    let end: ProcessEnd
    let description: String
    private let members: [String: Any]

    init(end: ProcessEnd, output: Data, seed: UInt64) throws {
      self.end = end
      description = "seed \(seed), \(end): \(String(decoding: output, as: UTF8.self))"
      members = try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any])
    }

    subscript(name: String) -> Int { members[name] as? Int ?? -1 }

    var kills: Int { (members["kills"] as? [String: Int] ?? [:]).values.reduce(0, +) }

    var failedRounds: Int { (members["failed_rounds"] as? [Any] ?? []).count }
  }

  private func torture(_ arguments: String...) throws -> Report {
    let seed = UInt64.random(in: 0..<1 << 32)
    let folder = FileManager.default.temporaryDirectory.appending(path: "torture-\(seed)")
    let outcome = try ProcessLaunch.run(
      [Machine.sibling("ringtorture")] + arguments + ["--json", "--seed", "\(seed)", "--keep", folder.path])
    let report = try Report(end: outcome.end, output: Data(outcome.output.utf8), seed: seed)
    // What an unexpected failure left is for a person to look at.
    let wasExpected = report.end == .code(arguments.contains("--sabotage") ? 1 : 0)
    if wasExpected { try FileManager.default.removeItem(at: folder) }
    return report
  }
}
