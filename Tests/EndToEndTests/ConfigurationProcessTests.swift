import Glibc
import Testing

/// `ringmasterd --config` and `ringctl config`.
extension EndToEndTests {
  @Suite struct ConfigurationProcessTests {
    @Test func aFileSetsAndOptionsOverrideIt() throws {
      try Workbench.run { bench in
        let path = try bench.write(
          [
            "[dispatcher]", "socket_path = \"\(bench.path("file.sock"))\"", "instance = \"\(bench.instance)\"",
            "log_level = \"debug\"", "[liveness]", "worker_timeout_ms = 300", "[brake]", "minimum_workers = 1000",
          ], to: "ringmaster.toml")
        let dispatcher = try bench.start("ringmasterd", ["--config", path, "--socket", bench.socketPath])
        try bench.wait("the dispatcher listens") { dispatcher.errors.contains("listening") }
        #expect(dispatcher.errors.contains("socket=\(bench.socketPath)"))
        #expect(dispatcher.errors.contains("instance=\(bench.instance)"))
        try bench.publish(#"{"type":"WORKER_REGISTERED","worker_id":"w","address":"h","metadata":{"cpu":1}}"#)
        // The default would be a minute.
        try bench.waitForCounter("worker_failures", of: "ringmasterd", atLeast: 1)
      }
    }

    @Test func aFileWithFaultsIsRefusedBeforeAnythingStarts() throws {
      try Workbench.run { bench in
        let path = try bench.write(
          ["[liveness]", "worker_timeout = 5", "[plugins]", "policy = \"worst-fit\""], to: "ringmaster.toml")
        let dispatcher = try bench.run(
          "ringmasterd", ["--config", path, "--socket", bench.socketPath, "--instance", bench.instance])
        #expect(dispatcher.exit == .code(78))
        #expect(dispatcher.errorLines.count == 1)
        #expect(
          dispatcher.errors.hasPrefix(
            "ringmasterd: \(path):2: liveness.worker_timeout: expected only worker_timeout_ms"))
        let check = try bench.run("ringmasterd", ["--check-config", "--config", bench.path("none.toml")])
        #expect(check.exit == .code(78))
        #expect(check.errors.contains("open \(bench.path("none.toml"))"))
      }
    }

    /// It stays so, and the service manager is not to try again.
    @Test func aFileThatCannotBeReadIsRefusedForGood() throws {
      try Workbench.run { bench in
        let large = try bench.write([String(repeating: "#", count: 70_000)], to: "large.toml")
        for (file, reason) in [
          (bench.path("none.toml"), "ringctl config show"), (large, "at most 65536 bytes"),
          (bench.folder, "Is a directory"),
        ] {
          for program in ["ringmasterd", "ringmaster-archive"] {
            let start = try bench.run(program, ["--config", file])
            #expect(start.exit == .code(78))
            #expect(start.errors.contains(file) && start.errors.contains(reason), "\(start.errors)")
          }
        }
      }
    }

    @Test func aReloadTakesOverWhatItCanAndRefusesAFaultyFile() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher(
          settings: ["[liveness]", "worker_timeout_ms = 3600000", "[brake]", "minimum_workers = 1000"])
        let path = bench.path("ringmaster.toml")
        let watch = try bench.startWatch()
        try bench.publish(#"{"type":"WORKER_REGISTERED","worker_id":"w","address":"h","metadata":{"cpu":1}}"#)
        try bench.write(["expiries_per_minute = often"], to: "ringmaster.toml")
        dispatcher.signal(SIGHUP)
        try bench.wait("the file is refused") { dispatcher.errors.contains("configuration refused") }
        #expect(dispatcher.errors.contains("\(path):5:"))
        #expect(unlink(path) == 0)
        dispatcher.signal(SIGHUP)
        try bench.wait("a file that is gone is refused") { dispatcher.errors.contains("No such file") }
        try bench.write(
          [
            "[dispatcher]", "log_level = \"error\"", "result_log_capacity = 77", "[liveness]",
            "worker_timeout_ms = 200", "[brake]", "minimum_workers = 1000",
          ], to: "ringmaster.toml")
        dispatcher.signal(SIGHUP)
        try bench.waitForCounter("worker_failures", of: "ringmasterd", atLeast: 1)
        #expect(dispatcher.errors.contains("setting=dispatcher.result_log_capacity"))
        #expect(dispatcher.errors.contains("in_force=4096"))
        #expect(try bench.counters(of: "ringmasterd-control")["reloads_refused"] == 2)
        // Of a level that is no longer logged.
        #expect(!dispatcher.errors.contains("configuration reloaded"))
        try bench.wait("the watcher sees it") { watch.output.contains("WORKER_FAILED") }
      }
    }

    @Test func anAccountIsNamedWithItsRole() throws {
      try Workbench.run { bench in
        for (option, exit) in [
          ("--allow-user=control:root", 0), ("--allow-group=observe:0", 0), ("--allow-user=root", 64),
          ("--allow-user=reign:root", 64), ("--allow-user=control:", 64), ("--allow-user=ingest:no such user", 64),
          ("--allow-group=ingest:no such group", 64),
        ] {
          let dispatcher = try bench.run("ringmasterd", [option, "--check-config"])
          #expect(dispatcher.exit == .code(Int32(exit)), "\(option): \(dispatcher.errors)")
        }
      }
    }

    @Test func ringctlChecksAndShows() throws {
      try Workbench.run { bench in
        let good = try bench.write(["[liveness]", "worker_timeout_ms = 5"], to: "good.toml")
        let valid = try bench.ringctl("config", "check", good)
        #expect(valid.exit == .code(0) && valid.output == "\(good): valid\n")
        let shown = try JSON(parsing: bench.ringctl("config", "show", "--json", good).output)
        let timeout = try #require(shown["settings"].elements.first { $0["key"] == "liveness.worker_timeout_ms" })
        #expect(timeout["value"] == 5 && timeout["default"] == 60_000 && timeout["unit"] == "ms")
        let text = try bench.ringctl("config", "show", good)
        #expect(text.outputLines.contains("worker_timeout_ms = 5"))
        let again = try bench.write(text.outputLines, to: "again.toml")
        #expect(try bench.ringctl("config", "check", again).exit == .code(0))

        let bad = try bench.write(["", "[liveness]", "worker_timeout_ms = -5"], to: "bad.toml")
        let invalid = try bench.ringctl("config", "check", bad)
        #expect(invalid.exit == .code(1))
        #expect(invalid.output.hasPrefix("\(bad):3: liveness.worker_timeout_ms: expected an integer from 1"))
        let object = try JSON(parsing: bench.ringctl("config", "check", "--json", bad).output)
        #expect(object["valid"] == false && object["problems"][0]["line"] == 3)
        #expect(object["problems"][0]["came"] == "the integer -5")

        let foreign = try bench.write(["[plugins]", "policy = \"rack-aware\""], to: "foreign.toml")
        let remark = try JSON(parsing: bench.ringctl("config", "check", "--json", foreign).output)
        #expect(remark["valid"] == true && remark["remarks"][0]["key"] == "plugins.policy")
        let missing = try bench.ringctl("config", "check", bench.path("none.toml"))
        #expect(missing.exit == .code(1) && missing.outputLines.count == 1)
        #expect(missing.output.contains("No such file"))
      }
    }
  }
}
