import Foundation
import Glibc
import Testing

/// A peer in C, built from the headers that `systemd/install` installs and nothing else.
extension EndToEndTests {
  @Suite struct ForeignClientTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()

    /// Copies the installed headers to `folder`/ringmaster.
    private func installHeaders(_ folder: String) throws {
      let script = try String(contentsOf: Self.root.appending(path: "systemd/install"), encoding: .utf8)
      let line = try #require(script.split(separator: "\n").first { $0.contains("for header in ") })
      let names = line.split(separator: "for header in ")[1].split(separator: ";")[0].split(separator: " ")
      #expect(names.contains("ringmaster"))
      try FileManager.default.createDirectory(atPath: "\(folder)/ringmaster", withIntermediateDirectories: true)
      for name in names {
        try FileManager.default.copyItem(
          atPath: Self.root.appending(path: "Sources/CRingmaster/include/\(name).h").path,
          toPath: "\(folder)/ringmaster/\(name).h")
      }
    }

    private static func compiler(_ name: String) throws -> String {
      let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      return try #require(folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }, "no \(name) in PATH")
    }

    private func build(_ bench: Workbench, _ compiler: String, _ options: [String]) throws -> String {
      try installHeaders(bench.path("include"))
      let source = Self.root.appending(path: "Tests/EndToEndTests/ForeignClient/client.c").path
      let program = bench.path("client")
      let built = try bench.run(
        Self.compiler(compiler),
        options + ["-Wall", "-Wextra", "-Werror", "-I", bench.path("include"), source, "-o", program])
      #expect(built.exit == .code(0), "\(built.errors)")
      return program
    }

    @Test(arguments: [("clang", ["-std=c11", "-pedantic"]), ("clang++", ["-x", "c++", "-std=c++17"])])
    func attachesSpeaksAndSurvivesTheDispatcher(compiler: String, options: [String]) throws {
      try Workbench.run { bench in
        let program = try build(bench, compiler, options)
        let settings = ["[journal]", "directory = \"\(bench.path("journal"))\""]
        let first = try bench.startDispatcher(settings: settings)
        let pipe = try Pipe()
        let client = try bench.start(program, [bench.socketPath], input: .descriptor(pipe.reader))
        close(pipe.reader)
        try bench.wait("the client has submitted") { client.outputLines.contains("ready") }
        first.signal(SIGKILL)
        try bench.waitForExit(first)
        unlink(bench.path("ringmaster.toml"))
        let second = try bench.startDispatcher(settings: settings)
        #expect(write(pipe.writer, "\n", 1) == 1)
        close(pipe.writer)
        #expect(try bench.waitForExit(client) == .code(0), "\(client.errors)")
        let applied = "disposition 0, outcome 0, reason 0, promise 2"
        #expect(
          client.outputLines == [
            "registered: \(applied)", "heartbeat: \(applied)", "submitted: \(applied)", "ready",
            "cancelled: \(applied)", "peer kept",
          ])
        #expect(try bench.ringctl("status").exit == .code(0))
        #expect(try bench.stop(second) == .code(0))
      }
    }
  }
}
