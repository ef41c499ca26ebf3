import Testing

/// `ringctl submit FILE`.
extension EndToEndTests {
  @Suite struct SubmitFileTests {
    private func submitted(_ bench: Workbench, _ arguments: String...) throws -> JSON {
      let run = try bench.run("ringctl", ["submit", "--json"] + arguments)
      #expect(run.exit == .code(0), "\(run.errors)")
      return try JSON(parsing: run.output)["event"]
    }

    @Test func aFileSaysTheJobAndOptionsChangeIt() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let lines = [#"command = ["true"]"#, "cpu = 2", "replicas = 3", #"run_timeout = "1h 30min""#]
        let event = try submitted(bench, bench.write(lines, to: "train.toml"), "--replicas", "5")
        #expect(event["job_id"] == "train")
        #expect(event["request"]["replicas"] == 5 && event["request"]["cpu"] == 2)
        #expect(event["request"]["run_timeout_ms"] == 5_400_000)
        #expect(event["request"]["command"].elements == ["true"])
      }
    }

    @Test func aScriptSaysItsJobInItsComments() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let lines = ["#!/bin/sh", "#ring cpu = 2", #"#ring name = "greeting""#, "echo hello"]
        let event = try submitted(bench, bench.write(lines, to: "hello.sh"))
        #expect(event["job_id"] == "greeting")
        #expect(event["request"]["script"] == .string(lines.map { $0 + "\n" }.joined()))
        #expect(event["request"]["cpu"] == 2)
      }
    }

    @Test func aFileWithFaultsIsRefusedWithAllOfThem() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let run = try bench.ringctl("submit", bench.write(["replicas = 0.5", #"memory = "lots""#], to: "bad.toml"))
        #expect(run.exit == .code(1))
        #expect(run.errors.contains("bad.toml:1: replicas: ") && run.errors.contains("bad.toml:2: memory: "))
      }
    }
  }
}
