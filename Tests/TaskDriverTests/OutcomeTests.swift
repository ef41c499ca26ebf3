import EventModel
import Glibc
import Platform
import Testing

@testable import Worker

@Suite struct OutcomeTests {
  @Test(arguments: [0, 1, 3, 255]) func theExitCodeIsKept(code: Int32) throws {
    let worker = try TestWorker()
    let outcome = try worker.run(worker.launch(1, "exit \(code)"))
    #expect(outcome.reason == .exited)
    #expect(outcome.exitCode == code)
    #expect(outcome.error == nil)
    #expect(try #require(outcome.peakMemoryBytes) > 100_000)
    #expect(try #require(outcome.cpuNs) < 60_000_000_000)
  }

  @Test func aSignalIsNamed() throws {
    let worker = try TestWorker()
    let outcome = try worker.run(worker.launch(1, "kill -SEGV $$"))
    #expect(outcome.reason == .signal)
    #expect(outcome.exitCode == nil)
    #expect(outcome.error == "killed by signal 11 (SIGSEGV)")
  }

  @Test func aMissingProgramIsNamed() throws {
    let worker = try TestWorker()
    let outcome = try worker.run(worker.launch(1, command: ["/no/such", "x"]))
    #expect(outcome == TaskOutcome(.startFailed, error: "cannot run /no/such: No such file or directory"))
    let other = try worker.run(worker.launch(2, command: ["no-such-program"]))
    #expect(other == TaskOutcome(.startFailed, error: "cannot run no-such-program: No such file or directory"))
    let forbidden = try worker.run(worker.launch(3, command: ["/etc/passwd"]))
    #expect(forbidden == TaskOutcome(.startFailed, error: "cannot run /etc/passwd: Permission denied"))
  }

  @Test func aMissingFolderIsNamed() throws {
    let worker = try TestWorker()
    var launch = worker.launch(1, "true")
    launch.workingDirectory = "/no/such"
    let outcome = try worker.run(launch)
    #expect(outcome == TaskOutcome(.startFailed, error: "cannot enter the folder /no/such: No such file or directory"))
  }

  @Test func aMissingUserIsNamed() throws {
    let worker = try TestWorker()
    var launch = worker.launch(1, "true")
    launch.user = "no-such-user"
    #expect(try worker.run(launch) == TaskOutcome(.startFailed, error: "there is no user no-such-user"))
    try worker.restart()
    #expect(try worker.status(launch.id) == .ended(TaskOutcome(.startFailed, error: "there is no user no-such-user")))
  }

  @Test(.enabled(if: getuid() == 0)) func itRunsAsItsUser() throws {
    let worker = try TestWorker()
    var launch = worker.launch(1, "id -u; id -G; echo also >>/dev/stderr; grep NoNewPrivs /proc/self/status")
    launch.user = "nobody"
    #expect(try worker.run(launch).exitCode == 0)
    let lines = worker.output(launch.id).split(separator: "\n")
    #expect(lines == ["65534", "65534", "also", "NoNewPrivs:\t1"])
  }

  @Test func aMissingShimIsNamed() throws {
    let worker = try TestWorker(shim: "/no/shim")
    let outcome = try worker.run(worker.launch(1, "true"))
    #expect(outcome.reason == .startFailed)
    #expect(outcome.error == "start /no/shim: No such file or directory")
  }

  @Test func aShimThatDoesNothingIsSeen() throws {
    let worker = try TestWorker(shim: "/bin/true")
    let outcome = try worker.run(worker.launch(1, "true"))
    #expect(outcome.reason == .startFailed)
    #expect(outcome.error == "ringmaster-task ended before it started the program")
  }

  @Test func scriptsRun() throws {
    let worker = try TestWorker()
    var launch = worker.launch(1, command: [])
    launch.script = "#!/bin/bash\necho \"${BASH_VERSION:0:1}\" | tr 0-9 x\nexit 4\n"
    #expect(try worker.run(launch).exitCode == 4)
    #expect(worker.output(launch.id) == "x\n")
    var plain = worker.launch(2, command: [])
    plain.script = "echo 'a $b'\nexit 5\n"
    #expect(try worker.run(plain).exitCode == 5)
    #expect(worker.output(plain.id) == "a $b\n")
  }

  @Test func itStartsClean() throws {
    let worker = try TestWorker()
    var launch = worker.launch(
      1,
      "umask; pwd; ls -l /proc/self/fd | grep -c -- '->'; readlink /proc/self/fd/0; grep -E 'Sig(Blk|Ign)' /proc/self/status"
    )
    launch.workingDirectory = "/usr"
    launch.environment.append(Specification.Variable(name: "RINGMASTER_ATTEMPT_ID", value: "another"))
    #expect(try worker.run(launch).exitCode == 0)
    // The fourth descriptor is the one by which ls reads the folder.
    #expect(
      worker.output(launch.id)
        == "0022\n/usr\n4\n/dev/null\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
    var shows = worker.launch(2, command: ["/usr/bin/env"])
    shows.environment = [Specification.Variable(name: "A", value: "1 2\n3")]
    #expect(try worker.run(shows).exitCode == 0)
    #expect(worker.output(shows.id) == "A=1 2\n3\nRINGMASTER_ATTEMPT_ID=\(shows.id)\n")
  }

  @Test func manyLinesAreAllThere() throws {
    let worker = try TestWorker()
    let launch = worker.launch(1, "seq 1 100000; echo last >&2")
    #expect(try worker.run(launch).exitCode == 0)
    let expected = (1...100_000).map { "\($0)\n" }.joined() + "last\n"
    #expect(worker.output(launch.id) == expected)
    worker.driver.release(launch.id)
    #expect(worker.text("\(worker.folder.path)/logs/\(launch.id).out") == expected)
    #expect(try Folder.names(in: worker.tasks) == ["boot"])
    #expect(try worker.driver.list().isEmpty)
  }
}
