import EventModel
import Testing

@testable import Worker

private let id = AttemptID(
  cluster: "0123456789abcdef0123456789abcdef", task: TaskHandle(rawValue: 0x1_0000_0002), attempt: 3, assignedMs: 255)

private func launch(_ change: (inout TaskLaunch) -> Void = { _ in }) -> TaskLaunch {
  var launch = TaskLaunch(id: id)
  launch.job = "train"
  launch.index = 7
  launch.command = ["/bin/true"]
  change(&launch)
  return launch
}

private func properties(
  _ settings: SystemdDriver.Settings = .init(), _ change: (inout TaskLaunch) -> Void = { _ in }
) -> [String: BusValue] {
  let unit = UnitName(prefix: "ringtask-").unit(id)
  let all = UnitProperties(settings: settings, credentialSource: { "/store/\($0)" }).make(launch(change), unit: unit)
  return Dictionary(all.map { ($0.name, $0.value) }) { first, _ in
    Issue.record("twice: \(first)")
    return first
  }
}

private func ended(
  _ result: String, _ code: UInt64, _ status: UInt64, ran: Bool = true, stopAsked: Bool = false
) -> TaskOutcome {
  var unit = UnitState()
  unit.active = "failed"
  unit.result = result
  unit.mainCode = code
  unit.mainStatus = status
  unit.activeSinceUs = ran ? 1 : 0
  unit.program = "/no/such"
  unit.folder = "/nono"
  unit.user = "nouser"
  return unit.outcome(stopAsked: stopAsked)
}

@Suite struct SystemdDriverTests {
  @Test func unitNamesThereAndBack() {
    let names = UnitName(prefix: "ringtask-")
    #expect(names.unit(id) == "ringtask-0123456789abcdef0123456789abcdef-100000002-3-ff.service")
    #expect(names.id(unit: names.unit(id)) == id)
    #expect(names.path(id).hasPrefix("/org/freedesktop/systemd1/unit/ringtask_2d0123"))
    #expect(names.path(id).hasSuffix("_2dff_2eservice"))
    #expect(names.id(path: names.path(id)) == id)
    for other in ["ssh.service", "ringtask-.service", "ringtask-x.service", "", "ringtask-1-2-3-4.service"] {
      #expect(names.id(unit: other) == nil)
    }
    for path in ["/org/freedesktop/systemd1/unit/ringtask_2", "/org/freedesktop/systemd1/unit/ringtask_zz", "/"] {
      #expect(names.id(path: path) == nil)
    }
  }

  @Test(
    arguments: [
      (0, 1), (1, 1), (10, 1), (500, 50), (1000, 100), (16_000, 1600), (100_000, 10_000), (.max, 10_000), (-5, 1),
    ] as [(Int64, UInt64)])
  func weightOfProcessors(milliCPU: Int64, weight: UInt64) {
    #expect(UnitProperties.cpuWeight(milliCPU: milliCPU) == weight)
  }

  @Test(
    arguments: [
      ("echo", nil), ("#!", nil), ("#! \n", nil), ("#!/bin/sh", ["/bin/sh"]), ("#! /bin/sh \necho", ["/bin/sh"]),
      ("#!/usr/bin/env  -S python3 -u \r\nx", ["/usr/bin/env", "-S python3 -u"]), (" #!/bin/sh", nil),
    ] as [(String, [String]?)])
  func interpreterOfAScript(script: String, interpreter: [String]?) {
    #expect(TaskCommand.interpreter(script) == interpreter)
  }

  @Test func commandsThatSystemdCanReadAgain() {
    func property(_ command: [String]) -> String {
      TaskCommand(launch { $0.command = command }, unit: "u.service").property.name
    }
    #expect(property(["/bin/echo", "a b", "%n", "\"", "'", "\n", "ü", ""]) == "ExecStart")
    #expect(property(["python3"]) == "ExecStart")
    #expect(property(["/bin/echo", "$x"]) == "ExecStartEx")
    #expect(property(["/bin/echo", "a;"]) == "ExecStartEx")
    #expect(property(["-x"]) == "ExecStartEx")
    #expect(property([]) == "ExecStartEx")
  }

  @Test func programsAndWhereTheyAre() {
    let byName = TaskCommand(
      launch {
        $0.command = ["tool", "$x"]
        $0.environment = [.init(name: "PATH", value: "/a::b:/c")]
      }, unit: "u.service")
    #expect(byName.path == "tool")
    #expect(byName.searchPath == ["/a", "/c"])
    #expect(byName.arguments == ["tool", "$x"])
    let relative = TaskCommand(
      launch {
        $0.command = ["./tool"]
        $0.workingDirectory = "/w"
      }, unit: "u.service")
    #expect(relative.path == "/w/./tool")
    #expect(relative.arguments == ["./tool"])
    let script = TaskCommand(launch { $0.script = "#!/bin/sh -e\nx" }, unit: "u.service")
    #expect(script.arguments == ["/bin/sh", "-e", "/run/credentials/u.service/ringmaster-script"])
    #expect(script.script == Array("#!/bin/sh -e\nx".utf8))
    #expect(TaskCommand(launch { $0.script = "x $y" }, unit: "u").arguments == ["/bin/sh", "-c", "x $y"])
  }

  @Test func propertiesOfATask() {
    let plain = properties()
    #expect(plain["DynamicUser"] == .bool(true))
    #expect(plain["User"] == nil)
    #expect(plain["MemoryMax"] == nil)
    #expect(plain["RuntimeMaxUSec"] == nil)
    #expect(plain["TasksMax"] == nil)
    #expect(plain["RemainAfterExit"] == .bool(true))
    #expect(plain["ProtectSystem"] == nil)
    // Its own user is in no group that may look there.
    #expect(plain["InaccessiblePaths"] == nil)
    let named = properties { $0.user = "nobody" }
    #expect(named["InaccessiblePaths"].map { "\($0)".contains("-/run/ringmaster") } == true)
    #expect(
      plain["LogExtraFields"]
        == .byteStrings(
          ["JOB=train", "TASK=train/task-7", "ATTEMPT=3", "ATTEMPT_ID=\(id)"].map { Array("RINGMASTER_\($0)".utf8) }))
    let full = properties {
      $0.user = "daemon"
      $0.memoryBytes = 1 << 20
      $0.tasksMax = 5
      $0.runTimeoutMs = .max
      $0.stopTimeoutMs = 1500
      $0.stopSignal = 2
      $0.credentials = ["a", "a", "b"]
      $0.isStrict = true
      $0.workingDirectory = "/w %n $x"
      $0.environment = [.init(name: "X", value: "$a %n \"\n")]
    }
    #expect(full["DynamicUser"] == nil)
    #expect(full["User"] == .string("daemon"))
    #expect(full["MemoryMax"] == .uint64(1 << 20))
    #expect(full["MemorySwapMax"] == .uint64(0))
    #expect(full["RuntimeMaxUSec"] == .uint64(.max))
    #expect(full["TimeoutStopUSec"] == .uint64(1_500_000))
    #expect(full["KillSignal"] == .int32(2))
    #expect(full["LoadCredential"] == .sources(["a": "/store/a", "b": "/store/b"]))
    #expect(full["ProtectSystem"] == .string("strict"))
    #expect(full["WorkingDirectory"] == .string("/w %n $x"))
    #expect(full["ReadWritePaths"] == .strings(["-/w %n $x"]))
    #expect(full["Environment"] == .strings(["X=$a %n \"\n"]))
  }

  @Test func outcomes() {
    #expect(ended("success", 1, 0) == TaskOutcome(.exited, exitCode: 0))
    #expect(ended("exit-code", 1, 3) == TaskOutcome(.exited, exitCode: 3))
    #expect(ended("exit-code", 1, 203) == TaskOutcome(.exited, exitCode: 203))
    #expect(ended("exit-code", 1, 199, ran: false) == TaskOutcome(.exited, exitCode: 199))
    #expect(
      ended("exit-code", 1, 203, ran: false)
        == TaskOutcome(.startFailed, error: "cannot run /no/such: No such file or directory"))
    #expect(
      ended("exit-code", 1, 200, ran: false).error
        == "cannot run /no/such: no working directory /nono: No such file or directory")
    #expect(ended("exit-code", 1, 217, ran: false).error == "cannot run /no/such: no user nouser")
    #expect(
      ended("exit-code", 1, 243, ran: false).error == "cannot run /no/such: systemd could not load its credentials")
    #expect(ended("signal", 2, 9) == TaskOutcome(.signal, error: "killed by signal 9 (SIGKILL)"))
    #expect(ended("core-dump", 3, 11).error == "killed by signal 11 (SIGSEGV), and left a core dump")
    #expect(ended("signal", 2, 40).error == "killed by signal 40")
    #expect(ended("oom-kill", 2, 9).reason == .oom)
    #expect(ended("oom-kill", 2, 9, stopAsked: true).reason == .oom)
    #expect(ended("timeout", 2, 15).reason == .timeout)
    #expect(ended("timeout", 2, 15, ran: false).reason == .startFailed)
    #expect(ended("resources", 0, 0, ran: false).reason == .startFailed)
    #expect(ended("signal", 2, 9, stopAsked: true).reason == .stopped)
    #expect(ended("exit-code", 1, 7, stopAsked: true) == TaskOutcome(.stopped, exitCode: 7))
    #expect(ended("protocol", 0, 0).reason == .unknown)
  }

  @Test func stages() {
    func stage(_ active: String, _ sub: String, _ code: UInt64 = 0) -> UnitState.Stage {
      var unit = UnitState()
      unit.active = active
      unit.sub = sub
      unit.mainCode = code
      return unit.stage
    }
    #expect(stage("activating", "start") == .starting)
    #expect(stage("active", "running") == .running)
    #expect(stage("active", "exited", 1) == .ended)
    #expect(stage("failed", "failed") == .ended)
    #expect(stage("deactivating", "stop-sigterm", 1) == .unclear)
    #expect(stage("inactive", "dead") == .unclear)
    #expect(stage("inactive", "dead", 2) == .ended)
    #expect(stage("", "") == .unclear)
  }
}
