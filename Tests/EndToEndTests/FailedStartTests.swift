import Foundation
import Testing

/// `ringmasterd` where its journal does not let it start.
extension EndToEndTests {
  @Suite struct FailedStartTests {
    /// Each start that fails waits longer before it ends, so that the service manager starts no storm.
    @Test func startsInARowWaitLongerEach() throws {
      try Workbench.run { bench in
        // A folder cannot be made in a file.
        let file = try bench.write(["no folder"], to: "file")
        func pauseOfAStart() throws -> String {
          let dispatcher = try bench.start(
            "/usr/bin/env",
            [
              "INVOCATION_ID=1", "\(Workbench.executables)/ringmasterd", "--socket", bench.socketPath, "--instance",
              bench.instance, "--journal", "\(file)/journal",
            ])
          try bench.wait("it says when the next start follows") { dispatcher.errors.contains("the next start follows") }
          #expect(dispatcher.errors.contains("\(file)/journal"), "\(dispatcher.errors)")
          #expect(try bench.stop(dispatcher) == .code(1))
          let words = dispatcher.errors.components(separatedBy: "the next start follows in ")
          return words[1].components(separatedBy: " s")[0]
        }
        let pauses = try (0..<7).map { _ in try pauseOfAStart() }
        #expect(pauses == ["1", "2", "4", "8", "16", "30", "30"])
        let note = try #require(Folder.names(in: bench.folder).first { $0.hasSuffix(".failed-start") })
        let path = URL(filePath: bench.path(note))
        for noted in ["1000 8000", "9000000000000000000 8000", "garbage", "1 2 3", "\(UInt64.max) \(UInt64.max)", ""] {
          try Data(noted.utf8).write(to: path)
          #expect(try pauseOfAStart() == "1", "\(noted)")
        }
      }
    }

    /// So does one that another dispatcher keeps from starting.
    @Test func aStartThatIsLockedOutWaitsToo() throws {
      try Workbench.run { bench in
        let first = try bench.startDispatcher()
        let second = try bench.start(
          "/usr/bin/env",
          [
            "INVOCATION_ID=1", "\(Workbench.executables)/ringmasterd", "--socket", bench.path("other.sock"),
            "--instance", bench.instance,
          ])
        try bench.wait("it says when the next start follows") {
          second.errors.contains("another dispatcher of the instance") && second.errors.contains("follows in 1 s")
        }
        #expect(try bench.stop(second) == .code(1))
        #expect(try bench.stop(first) == .code(0))
      }
    }

    /// Nothing but an operator brings a journal back that was removed: a start would begin an empty one.
    @Test func aRemovedJournalEndsItForGood() throws {
      try Workbench.run { bench in
        let journal = bench.path("journal")
        let dispatcher = try bench.startDispatcher(settings: ["[journal]", "directory = \"\(journal)\""])
        #expect(try bench.ringctl("submit", "one", "-m", "test").exit == .code(0))
        Folder.remove(journal)
        #expect(try bench.ringctl("submit", "two", "-m", "test").exit != .code(0))
        #expect(try bench.waitForExit(dispatcher) == .code(65))
        #expect(dispatcher.errors.contains(journal), "\(dispatcher.errors)")
        // The next dispatcher removes the rings that this one could not.
        let after = try bench.startDispatcher()
        #expect(try bench.stop(after) == .code(0))
      }
    }

    /// A restore that was interrupted leaves a journal that no dispatcher begins with, and can be made again.
    @Test func anInterruptedRestoreIsRefusedAndRepeated() throws {
      try Workbench.run { bench in
        let journal = bench.path("journal")
        let settings = ["[journal]", "directory = \"\(journal)\""]
        let first = try bench.startDispatcher(settings: settings)
        for name in ["one", "two"] { #expect(try bench.ringctl("submit", name, "-m", "test").exit == .code(0)) }
        let backup = try bench.ringctl("journal", "backup", "--journal", journal, "--no-database", bench.path("backup"))
        #expect(backup.exit == .code(0), "\(backup.errors)")
        #expect(try bench.stop(first) == .code(0))
        // As it was killed between two files: the segment is in place, and the folder with the rest is still there.
        #expect(mkdir("\(journal)/restoring.partial", 0o700) == 0)

        let config = bench.path("ringmaster.toml")
        let arguments = ["--socket", bench.socketPath, "--instance", bench.instance, "--config", config]
        let refused = try bench.run("ringmasterd", arguments)
        #expect(refused.exit == .code(65))
        #expect(refused.errors.contains("ringctl journal restore"), "\(refused.errors)")
        let restored = try bench.ringctl(
          "journal", "restore", "--journal", journal, "--no-database", "-m", "again", bench.path("backup"))
        #expect(restored.exit == .code(0), "\(restored.errors)")
        let after = try bench.start("ringmasterd", arguments)
        try bench.wait("it listens") { after.errors.contains("listening") }
        let jobs = try bench.ringctl("jobs", "--json").outputLines.compactMap { try JSON(parsing: $0)["job_id"] }
        #expect(jobs == ["one", "two"])
        #expect(try bench.stop(after) == .code(0))
      }
    }
  }
}
