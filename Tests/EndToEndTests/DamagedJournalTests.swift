import Foundation
import Testing

/// `ringmasterd` on a journal that it cannot go on with.
extension EndToEndTests {
  @Suite struct DamagedJournalTests {
    /// The service manager must not start it again and again: its exit code says so.
    @Test func damageEndsItForGoodUntilItIsToldToSalvage() throws {
      try Workbench.run { bench in
        let journal = bench.path("journal")
        let first = try bench.startDispatcher(settings: ["[journal]", "directory = \"\(journal)\""])
        for name in ["one", "two", "three"] {
          #expect(try bench.ringctl("submit", name, "-m", "test").exit == .code(0))
        }
        #expect(try bench.stop(first) == .code(0))
        let segment = try #require(Folder.names(in: journal).first { $0.hasSuffix(".rmj") })
        let path = "\(journal)/\(segment)"
        var bytes = try Data(contentsOf: URL(filePath: path))
        let place = try #require(bytes.firstRange(of: Data("two".utf8))?.lowerBound)
        bytes[place] ^= 1
        try bytes.write(to: URL(filePath: path))

        let config = bench.path("ringmaster.toml")
        let arguments = ["--socket", bench.socketPath, "--instance", bench.instance, "--config", config]
        let refusing = try bench.run("ringmasterd", arguments)
        #expect(refusing.exit == .code(65))
        #expect(
          refusing.errors.contains(segment) && refusing.errors.contains("is damaged at byte"), "\(refusing.errors)")
        #expect(try bench.ringctl("journal", "verify", "--journal", journal).exit == .code(1))

        let salvaging = try bench.start("ringmasterd", arguments + ["--salvage"])
        try bench.wait("it listens") { salvaging.errors.contains("listening") }
        try bench.wait("it says what is lost") { salvaging.errors.contains("a part of the journal is lost") }
        let jobs = try bench.ringctl("jobs", "--json").outputLines.compactMap { try JSON(parsing: $0)["job_id"] }
        #expect(jobs == ["one", "three"])
        #expect(try bench.stop(salvaging) == .code(0))
        let after = try bench.start("ringmasterd", arguments)
        try bench.wait("it goes on without") {
          after.errors.contains("listening") && after.errors.contains("recovered")
        }
        #expect(try bench.stop(after) == .code(0))
      }
    }
  }
}
