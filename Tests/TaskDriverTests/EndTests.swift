import EventModel
import Glibc
import Platform
import Testing

@testable import Worker

@Suite struct EndTests {
  @Test func itRunsNoLongerThanItMay() throws {
    let worker = try TestWorker()
    var launch = worker.launch(1, "sleep 1000")
    launch.runTimeoutMs = 100
    let outcome = try worker.run(launch)
    #expect(outcome.reason == .timeout)
    #expect(outcome.error == "ran longer than 100 ms")
  }

  @Test func itIsAskedToStopAndMayCleanUp() throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let launch = worker.launch(1, "trap 'echo bye; exit 7' TERM; echo up >$F/post; while :; do sleep 1000 & wait; done")
    worker.driver.start(launch)
    #expect(try post.line() == "up")
    worker.driver.stop(launch.id, signal: SIGTERM, timeoutMs: 50_000)
    let outcome = try worker.end(launch.id)
    #expect(outcome.reason == .stopped)
    #expect(outcome.exitCode == 7)
    #expect(worker.output(launch.id) == "bye\n")
  }

  @Test func oneThatDoesNotListenIsKilled() throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let launch = worker.launch(1, "trap '' TERM; echo up >$F/post; sleep 1000 & sleep 1000")
    worker.driver.start(launch)
    #expect(try post.line() == "up")
    let start = Clock.bootNs()
    worker.driver.stop(launch.id, signal: SIGTERM, timeoutMs: 3_600_000)
    // Again, with a shorter time.
    worker.driver.stop(launch.id, signal: SIGTERM, timeoutMs: 200)
    let outcome = try worker.end(launch.id)
    #expect(outcome.reason == .stopped)
    #expect(outcome.error == "killed by signal 9 (SIGKILL); did not end when asked to, and was killed")
    #expect(Clock.bootNs() - start >= 200_000_000)
  }

  @Test func oneThatIsHaltedIsStopped() throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let launch = worker.launch(1, "echo up >$F/post; kill -STOP $$")
    worker.driver.start(launch)
    #expect(try post.line() == "up")
    worker.driver.stop(launch.id, signal: SIGTERM, timeoutMs: 50_000)
    #expect(try worker.end(launch.id).reason == .stopped)
  }

  @Test func stopRightAfterTheStart() throws {
    let worker = try TestWorker()
    for task in 1...20 {
      let launch = worker.launch(task, "sleep 1000")
      worker.driver.start(launch)
      worker.driver.stop(launch.id, signal: SIGTERM, timeoutMs: 50_000)
    }
    for task in 1...20 { #expect(try worker.end(worker.id(task)).reason == .stopped) }
  }

  @Test func aSignalReachesAllProcesses() throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let launch = worker.launch(
      1,
      "trap 'exit 9' USR1; setsid sh -c 'trap \"echo child >$F/post\" USR1; echo up >$F/post; while :; do sleep 0.01; done' & while :; do wait; done"
    )
    worker.driver.start(launch)
    #expect(try post.line() == "up")
    try worker.driver.signal(launch.id, SIGUSR1)
    #expect(try worker.end(launch.id).exitCode == 9)
    #expect(throws: TaskNotRunning.self) { try worker.driver.signal(launch.id, SIGUSR1) }
  }

  /// What forked away, in sessions of its own, is gone before the end is told.
  @Test func nothingIsLeftAtTheEnd() throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let launch = worker.launch(
      1,
      """
      exec 9>$F/post
      (setsid sh -c 'trap "" TERM HUP; (setsid sleep 1000 &) ; sleep 1000' &)
      (env -i setsid sh -c 'sleep 1000; :' &)
      sleep 1000 &
      echo up >&9
      exit 6
      """)
    worker.driver.start(launch)
    #expect(try worker.end(launch.id).exitCode == 6)
    #expect(try post.line() == "up")
    // All of them held the FIFO.
    #expect(Self.hasEnded("\(worker.folder.path)/post"))
  }

  /// Does nobody hold a FIFO for writing?
  static func hasEnded(_ path: String) -> Bool {
    let writer = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(writer) }
    var byte: UInt8 = 0
    return read(writer, &byte, 1) == 0
  }

  @Test func theLeaseEndsIt() throws {
    let worker = try TestWorker(leaseNs: 300_000_000)
    let launch = worker.launch(1, "sleep 1000")
    var other = worker.launch(2, "sleep 1000")
    other.runsOnWhenCutOff = true
    worker.driver.start(other)
    worker.driver.start(launch)
    let outcome = try worker.end(launch.id)
    #expect(outcome.reason == .fenced)
    try worker.untilRunning(other.id)
    worker.driver.stop(other.id, signal: SIGTERM, timeoutMs: 1000)
    #expect(try worker.end(other.id).reason == .stopped)
  }

  @Test func aRenewedLeaseLetsItRun() throws {
    let worker = try TestWorker(leaseNs: 3_000_000_000)
    var launch = worker.launch(1, "sleep 1000")
    // Ends after the first lease would have.
    launch.runTimeoutMs = 3500
    worker.driver.start(launch)
    TestWorker.write(worker.lease, deadlineNs: Clock.bootNs() + 3_600_000_000_000)
    #expect(try worker.end(launch.id).reason == .timeout)
  }

  /// A lease that says nothing that can be is not renewed by it.
  @Test(arguments: [UInt64.max, 0]) func aStrangeLeaseIsNone(deadlineNs: UInt64) throws {
    let worker = try TestWorker()
    TestWorker.write(worker.lease, deadlineNs: deadlineNs)
    #expect(try worker.run(worker.launch(1, "sleep 1000")).reason == .fenced)
    truncate(worker.lease, 3)
    #expect(try worker.run(worker.launch(2, "sleep 1000")).reason == .fenced)
    unlink(worker.lease)
    #expect(try worker.run(worker.launch(3, "sleep 1000")).reason == .fenced)
  }
}
