import Foundation
import Testing

/// Files of another version of this software: refused by everyone in so many words, damaged for no one, and left as they are.
extension EndToEndTests {
  @Suite struct OtherVersionTests {
    /// A journal with one job in it, its archive and a backup of both.
    private struct Place {
      let bench: Workbench
      let journal: String
      let database: String
      let backup: String
      let config: String

      init(_ bench: Workbench) throws {
        self.bench = bench
        journal = bench.path("journal")
        database = bench.path("archive.sqlite")
        backup = bench.path("backup")
        config = bench.path("ringmaster.toml")
        let dispatcher = try bench.startDispatcher(settings: ["[journal]", "directory = \"\(journal)\""])
        #expect(try bench.ringctl("submit", "one", "-m", "test").exit == .code(0))
        #expect(try bench.stop(dispatcher) == .code(0))
        #expect(try archive().exit == .code(0))
        let made = try bench.ringctl("journal", "backup", "--journal", journal, "--database", database, backup)
        #expect(made.exit == .code(0), "\(made.errors)")
      }

      var segment: String {
        get throws { "\(journal)/" + (try #require(Folder.names(in: journal).first { $0.hasSuffix(".rmj") })) }
      }

      func archive(_ more: String...) throws -> ChildProcess {
        try bench.run("ringmaster-archive", ["--journal", journal, "--database", database, "--once"] + more)
      }

      func dispatcher(_ more: String...) throws -> ChildProcess {
        let arguments = ["--socket", bench.socketPath, "--instance", bench.instance, "--config", config]
        return try bench.run("ringmasterd", arguments + more)
      }

      /// What every refusal says.
      func expectRefusal(
        _ program: ChildProcess, code: Int32, of file: String, _ version: UInt8,
        sourceLocation: SourceLocation = #_sourceLocation
      ) {
        let age = version == 1 ? "older" : "newer"
        #expect(program.exit == .code(code), "\(program.errors)", sourceLocation: sourceLocation)
        for words in [file, "format version \(version)", "\(age) than", "it reads version 2", "\(age) Ringmaster"] {
          #expect(program.errors.contains(words), "\(program.errors)", sourceLocation: sourceLocation)
        }
        let told = program.errors.lowercased()
        #expect(!told.contains("damage") && !told.contains("salvage"), "\(told)", sourceLocation: sourceLocation)
      }
    }

    /// The checksum of the format, a bit at a time.
    private func crc32c(_ bytes: Data) -> UInt32 {
      var crc = UInt32.max
      for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
      }
      return ~crc
    }

    /// Gives a file that begins as segments and snapshots do another version, and the checksum that belongs to it.
    private func setVersion(_ version: UInt8, of path: String, headerBytes: Int) throws {
      let file = try FileHandle(forUpdating: URL(filePath: path))
      var head = try #require(try file.read(upToCount: headerBytes))
      head.replaceSubrange(8..<16, with: [version, 0, 0, 0, 0, 0, 0, 0])
      head.replaceSubrange(12..<16, with: withUnsafeBytes(of: crc32c(head)) { Data($0) })
      try file.seek(toOffset: 0)
      try file.write(contentsOf: head)
      try file.close()
    }

    @Test(arguments: [UInt8(1), 99])
    func aJournalIsRefusedByEveryProgram(_ version: UInt8) throws {
      try Workbench.run { bench in
        let place = try Place(bench)
        let segment = try place.segment
        try setVersion(version, of: segment, headerBytes: 4096)
        let before = try Data(contentsOf: URL(filePath: segment))

        place.expectRefusal(try place.dispatcher(), code: 65, of: segment, version)
        place.expectRefusal(try place.dispatcher("--salvage"), code: 65, of: segment, version)
        place.expectRefusal(try place.archive(), code: 65, of: segment, version)
        place.expectRefusal(try place.archive("--salvage"), code: 65, of: segment, version)
        let commands = [
          ["verify"], ["dump"], ["dump", "--peers-only"], ["backup", "--no-database", bench.path("second")],
        ]
        for command in commands {
          let text = try bench.run("ringctl", ["journal"] + command + ["--journal", place.journal])
          place.expectRefusal(text, code: 1, of: segment, version)
          #expect(text.output.isEmpty)
          let json = try bench.run("ringctl", ["journal"] + command + ["--journal", place.journal, "--json"])
          let told = try JSON(parsing: json.outputLines[0])
          #expect(told["other_version"] == .string(version == 1 ? "older" : "newer"))
          #expect(told["subject"] == .string(segment) && told["version"].int == Int(version))
        }
        #expect(try Data(contentsOf: URL(filePath: segment)) == before)
        #expect(!Folder.names(in: bench.folder).contains { $0.hasPrefix("second") && !$0.hasSuffix(".lock") })
      }
    }

    @Test(arguments: [UInt8(1), 99])
    func aBackupIsRefused(_ version: UInt8) throws {
      try Workbench.run { bench in
        let place = try Place(bench)
        func restore(_ more: String...) throws -> ChildProcess {
          try bench.run(
            "ringctl",
            ["journal", "restore", "--journal", bench.path("new"), "--no-database", "-m", "test", place.backup] + more)
        }
        let manifest = "\(place.backup)/backup.json"
        let original = try String(contentsOfFile: manifest, encoding: .utf8)
        let other = original.replacing("\"version\":2", with: "\"version\":\(version)")
        #expect(other != original)
        try other.write(toFile: manifest, atomically: true, encoding: .utf8)
        place.expectRefusal(try restore(), code: 1, of: manifest, version)
        #expect(try JSON(parsing: try restore("--json").outputLines[0])["version"].int == Int(version))
        // The same when it is the journal in it.
        try original.write(toFile: manifest, atomically: true, encoding: .utf8)
        let name = try #require(Folder.names(in: "\(place.backup)/journal").first { $0.hasSuffix(".rmj") })
        try setVersion(version, of: "\(place.backup)/journal/\(name)", headerBytes: 4096)
        place.expectRefusal(try restore(), code: 1, of: name, version)
        #expect(!Folder.names(in: bench.path("new")).contains { $0.hasSuffix(".rmj") })
      }
    }
  }
}
