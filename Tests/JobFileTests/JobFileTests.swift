import Configuration
import EventModel
import JobFile
import Testing

@Suite("A job's file")
struct JobFileTests {
  @Test func itSaysEveryFieldAsPeopleSpellIt() throws {
    let file = try JobFile(
      toml: """
        name = "train"
        command = ["python3", "train.py"]
        working_directory = "/srv"
        user = "ana"
        cpu = 1.5
        memory = "512M"
        replicas = 3
        gang = true
        priority = 10
        run_timeout = "1h 30min"
        stop_timeout = "10s"
        stop_signal = "SIGINT"
        when_cut_off = "continue"
        retries = 2
        retry_delay = "1500ms"
        if_exists = "keep"
        devices = { gpu = 2 }
        [environment]
        LANG = "C"
        [require]
        zone = "a"
        arch = ["arm64", "x86-64"]
        """, source: "job.toml")
    let request = file.request
    #expect(file.name == "train")
    #expect(request.specification.command == ["python3", "train.py"])
    #expect(request.specification.environment == [.init(name: "LANG", value: "C")])
    #expect(request.specification.workingDirectory == "/srv" && request.specification.user == "ana")
    #expect(request.specification.stopTimeoutMs == 10_000 && request.specification.stopSignal == "SIGINT")
    #expect(request.specification.whenCutOff == .runOn)
    #expect(request.resources == Resources(milliCPU: 1500, memoryBytes: 512 << 20, devices: ["gpu": 2]))
    #expect(request.replicas == 3 && request.coscheduled && request.priority == 10)
    #expect(request.runTimeoutMs == 5_400_000 && request.retryDelayMs == 1500 && request.maxRetriesFailure == 2)
    #expect(request.ifExists == .keep)
    var constraints = Constraints()
    constraints.require.add("a", of: "zone")
    constraints.require.add("arm64", of: "arch")
    constraints.require.add("x86-64", of: "arch")
    #expect(request.constraints == constraints)
  }

  @Test func whatItDoesNotSayIsAsInAnyEvent() throws {
    let file = try JobFile(toml: "command = [\"true\"]", source: "job.toml")
    #expect(file.name == nil)
    var request = JobRequest()
    request.specification.command = ["true"]
    #expect(file.request == request)
  }

  @Test func allFaultsAreSaidWithTheirLines() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try JobFile(
        toml: """
          replicas = "three"
          memory = "12 elephants"
          priority = 1000
          run_timeout = "5 fortnights"
          nonsense = 1
          """, source: "job.toml")
    }
    let problems = error?.problems ?? []
    #expect(problems.map(\.line) == [1, 2, 3, 4, 5])
    #expect(problems.map(\.key) == ["replicas", "memory", "priority", "run_timeout", "nonsense"])
  }

  @Test(arguments: ["0", "\"0\"", "\"0M\""]) func noMemoryIsAFault(size: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try JobFile(toml: "command = [\"true\"]\nmemory = \(size)", source: "job.toml")
    }
    #expect(error?.problems.map(\.key) == ["memory"])
  }

  @Test func whatContradictsIsAFault() {
    #expect(throws: ConfigurationError.self) {
      try JobFile(toml: "command = [\"true\"]\nscript = \"true\"", source: "job.toml")
    }
  }

  @Test func aScriptSaysWhatItNeeds() throws {
    let script = """
      #!/bin/sh
      # Trains.
      #ring cpu = 2
      #ring memory = "1G"

      echo hello
      #ring replicas = 9
      """
    let file = try JobFile(script: script, source: "train.sh")
    #expect(file.request.specification.script == script)
    #expect(file.request.resources == Resources(milliCPU: 2000, memoryBytes: 1 << 30))
    #expect(file.request.replicas == 1)
  }

  @Test func aFaultOfAScriptHasTheScriptsLine() {
    let error = #expect(throws: ConfigurationError.self) {
      try JobFile(script: "#!/bin/sh\n#\n#ring cpu = \"many\"\n", source: "train.sh")
    }
    #expect(error?.problems.first?.line == 3 && error?.problems.first?.key == "cpu")
  }

  @Test func aScriptIsNoCommandToo() {
    #expect(throws: ConfigurationError.self) { try JobFile(script: "#ring command = [\"true\"]", source: "x.sh") }
  }
}
