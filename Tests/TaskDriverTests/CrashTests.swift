import CTaskLaunch
import CTaskProcess
import EventModel
import Glibc
import Platform
import Testing

@testable import Worker

/// What a worker leaves that was killed between the steps of a start, and what a power cut leaves.
@Suite struct CrashTests {
  private static let start = "a start"

  private func file(_ worker: TestWorker, _ launch: TaskLaunch) -> LaunchFile {
    LaunchFile(launch, start: Self.start, user: nil, leaseFile: worker.lease, cgroup: nil)
  }

  /// The first so many steps of a start.
  private func leave(_ worker: TestWorker, _ launch: TaskLaunch, steps: Int) throws -> TaskFolder {
    let attempt = TaskFolder(launch.id, in: worker.tasks)
    try attempt.make()
    if steps > 1 { try attempt.writeLock() }
    if steps > 2 { try attempt.write(file(worker, launch)) }
    return attempt
  }

  /// Runs a shim to its end and says how it ended.
  private func shim(_ attempt: TaskFolder, start: String = CrashTests.start) throws -> ProcessEnd? {
    ProcessLaunch.end(of: try attempt.spawn(shim: TestWorker.shim, start: start), waits: true)
  }

  @Test(arguments: 1...3) func aStartThatStoppedBeforeItsShimNeverWas(steps: Int) throws {
    let worker = try TestWorker()
    let launch = worker.launch(1, "echo run >>$F/runs")
    _ = try leave(worker, launch, steps: steps)
    try worker.restart()
    #expect(try worker.driver.list().isEmpty)
    #expect(try worker.run(launch).exitCode == 0)
    #expect(worker.text("\(worker.folder.path)/runs") == "run\n")
  }

  @Test(arguments: 1...3) func itIsStartedAnewWithoutAList(steps: Int) throws {
    let worker = try TestWorker()
    let launch = worker.launch(1, "echo run >>$F/runs")
    _ = try leave(worker, launch, steps: steps)
    try worker.restart()
    #expect(try worker.run(launch).exitCode == 0)
    #expect(worker.text("\(worker.folder.path)/runs") == "run\n")
  }

  @Test func aShimThatComesLateDoesNotStart() throws {
    let worker = try TestWorker()
    let launch = worker.launch(1, "echo run >>$F/runs")
    let attempt = try leave(worker, launch, steps: 3)
    try worker.restart()
    #expect(try worker.driver.list().isEmpty)
    #expect(try shim(attempt) == .code(1))
    // Nor in the folder that somebody made anew meanwhile.
    #expect(try worker.run(launch).exitCode == 0)
    #expect(try shim(attempt) == .code(1))
    #expect(worker.text("\(worker.folder.path)/runs") == "run\n")
  }

  @Test func aShimDoesNotStartWhatWasMadeVoid() throws {
    let worker = try TestWorker()
    let attempt = try leave(worker, worker.launch(1, "echo run >>$F/runs"), steps: 3)
    #expect(attempt.makeVoid())
    #expect(attempt.makeVoid())
    #expect(try shim(attempt) == .code(1))
    #expect(attempt.look() == .neverStarted)
    #expect(worker.text("\(worker.folder.path)/runs").isEmpty)
  }

  @Test func aSecondShimDoesNotStart() throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let launch = worker.launch(1, "echo run >>$F/runs; echo up >$F/post; sleep 1000")
    let attempt = try leave(worker, launch, steps: 3)
    let pid = try attempt.spawn(shim: TestWorker.shim, start: Self.start)
    #expect(try post.line() == "up")
    #expect(try shim(attempt) == .code(1))
    #expect(!attempt.makeVoid())
    try worker.restart()
    #expect(try worker.driver.list().map(\.id) == [launch.id])
    worker.driver.stop(launch.id, signal: SIGKILL, timeoutMs: 0)
    #expect(try worker.end(launch.id).reason == .stopped)
    // This process's child: whoever watches a shim takes it out of the table.
    #expect(waitpid(pid, nil, WNOHANG) == -1)
    #expect(worker.text("\(worker.folder.path)/runs") == "run\n")
  }

  @Test func aShimRunsOnlyAWholeLaunch() throws {
    let worker = try TestWorker()
    let whole = file(worker, worker.launch(1, "echo run >>$F/runs")).bytes
    for count in 0..<whole.count {
      let attempt = TaskFolder(worker.id(1), in: worker.tasks)
      try attempt.make()
      try attempt.writeLock()
      #expect(rm_task_write_file("\(attempt.path)/launch", whole, count) == 0)
      #expect(try shim(attempt) == .code(1))
      #expect(attempt.look() == .neverStarted)
      Folder.removeTree(attempt.path)
    }
    #expect(worker.text("\(worker.folder.path)/runs").isEmpty)
  }

  /// One that had the lock may have run its program.
  @Test(arguments: ["started\n", "running\n", "garbage", "\u{0}\u{0}\u{0}\u{0}", "running\nrunning\nrunning\n"])
  func aLockThatSaysSomethingMeansThatItMayHaveRun(text: String) throws {
    let worker = try TestWorker()
    let launch = worker.launch(1, "echo run >>$F/runs")
    let attempt = try leave(worker, launch, steps: 3)
    #expect(rm_task_write_file(attempt.lockPath, text, text.utf8.count) == 0)
    try worker.restart()
    worker.driver.start(launch)
    #expect(try worker.end(launch.id).reason == .unknown)
    #expect(worker.text("\(worker.folder.path)/runs").isEmpty)
  }

  @Test(arguments: [
    "", "\n", "reason=\n", "reason=exited", "exit_code=3\n", "reason=exited exit_code=x\n", "reason=nothing\n",
    "\u{0}\u{0}\u{0}\n",
  ])
  func anOutcomeThatIsNoneIsNotBelieved(text: String) throws {
    #expect(OutcomeFile.outcome(Array(text.utf8)) == nil)
    let worker = try TestWorker()
    let attempt = try leave(worker, worker.launch(1, "true"), steps: 3)
    #expect(rm_task_write_file(attempt.lockPath, RM_LOCK_RUNNING, 8) == 0)
    #expect(rm_task_write_file("\(attempt.path)/outcome", text, text.utf8.count) == 0)
    try worker.restart()
    let outcome = TaskOutcome(.unknown, error: "ringmaster-task was killed")
    #expect(try worker.driver.list().map(\.status) == [.ended(outcome)])
  }

  @Test func outcomesAreReadAsTheyWereWritten() {
    var full = TaskOutcome(.signal, exitCode: -1, error: "a = b  c\nd")
    full.peakMemoryBytes = .max
    full.cpuNs = .max
    var read = full
    read.error = "a = b  c d"
    #expect(OutcomeFile.outcome(Array(OutcomeFile.line(full).utf8)) == read)
    #expect(OutcomeFile.outcome(Array("reason=oom new_key=1\n".utf8)) == TaskOutcome(.oom))
    for reason in EndReason.allCases {
      #expect(OutcomeFile.outcome(Array(OutcomeFile.line(TaskOutcome(reason)).utf8)) == TaskOutcome(reason))
    }
  }

  @Test func whatIsNoAttemptIsLeftAlone() throws {
    let worker = try TestWorker()
    #expect(mkdir("\(worker.tasks)/other", 0o700) == 0)
    #expect(rm_task_write_file("\(worker.tasks)/\(worker.id(1))", "x", 1) == 0)
    #expect(symlink("/", "\(worker.tasks)/\(worker.id(2))") == 0)
    #expect(mkdir("\(worker.tasks)/.removed-\(worker.id(3))", 0o700) == 0)
    try worker.restart()
    #expect(try worker.driver.list().isEmpty)
    worker.driver.start(worker.launch(1, "true"))
    #expect(try worker.end(worker.id(1)).reason == .startFailed)
    #expect(try Folder.names(in: worker.tasks).count == 4)
    worker.driver.stop(worker.id(4), signal: SIGTERM, timeoutMs: 0)
    #expect(try worker.awaitChange { $0 == .gone(worker.id(4)) } == .gone(worker.id(4)))
  }

  /// After a reboot nothing was "never started": the file that says so may be lost.
  @Test(arguments: 1...3) func anotherBootMakesThemUnknown(steps: Int) throws {
    let worker = try TestWorker()
    let launch = worker.launch(1, "echo run >>$F/runs")
    _ = try leave(worker, launch, steps: steps)
    let ended = worker.launch(2, "exit 2")
    #expect(try worker.run(ended).exitCode == 2)
    #expect(rm_task_write_file("\(worker.tasks)/boot", "another\n", 8) == 0)
    try worker.restart()
    worker.driver.start(launch)
    #expect(try worker.end(launch.id) == TaskOutcome(.unknown, error: "its machine was started anew"))
    worker.driver.start(ended)
    #expect(try worker.end(ended.id).exitCode == 2)
    #expect(worker.text("\(worker.folder.path)/runs").isEmpty)
  }

  @Test func aStrangeStopFileStopsIt() throws {
    let worker = try TestWorker()
    var launch = worker.launch(1, "sleep 1000")
    launch.stopTimeoutMs = 1000
    let attempt = try leave(worker, launch, steps: 3)
    #expect(rm_task_write_file("\(attempt.path)/stop", "99999999999999999999 -1", 23) == 0)
    #expect(try shim(attempt) == .code(0))
    #expect(attempt.outcome == TaskOutcome(.stopped, error: "stopped before it was started"))
  }
}
