import CTaskProcess
import EventModel
import Glibc
import Platform
import Testing

@testable import Worker

@Suite struct AdoptionTests {
  @Test func anotherDriverGoesOn() throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let ended = worker.launch(1, "exit 3")
    let running = worker.launch(2, "trap 'exit 8' TERM; echo up >$F/post; while :; do sleep 1000 & wait; done")
    #expect(try worker.run(ended).exitCode == 3)
    worker.driver.start(running)
    #expect(try post.line() == "up")
    try worker.restart()
    #expect(try worker.driver.list().count == 2)
    guard case .ended(let outcome) = try worker.status(ended.id) else {
      Issue.record("the first has ended")
      return
    }
    #expect(outcome.exitCode == 3)
    if try worker.status(running.id) == .starting { try worker.untilRunning(running.id) }
    worker.driver.stop(running.id, signal: SIGTERM, timeoutMs: 50_000)
    #expect(try worker.end(running.id).exitCode == 8)
    worker.driver.release(ended.id)
    worker.driver.release(running.id)
    try worker.restart()
    #expect(try worker.driver.list().isEmpty)
  }

  @Test func itIsToldWhenAnAdoptedOneRuns() throws {
    let worker = try TestWorker()
    for task in 1...20 { worker.driver.start(worker.launch(task, "sleep 1000")) }
    try worker.restart()
    for (id, status) in try worker.driver.list() where status == .starting { try worker.untilRunning(id) }
    // Those that had not come as far as the lock were never started, and are not in the list.
    for (id, _) in try worker.driver.list() {
      worker.driver.stop(id, signal: SIGKILL, timeoutMs: 0)
      #expect(try worker.end(id).reason == .stopped)
    }
  }

  @Test func aSecondStartDoesNotRunTwice() throws {
    let worker = try TestWorker()
    let launch = worker.launch(1, "echo run >>$F/runs")
    worker.driver.start(launch)
    worker.driver.start(launch)
    #expect(try worker.end(launch.id).reason == .exited)
    worker.driver.start(launch)
    try worker.restart()
    worker.driver.start(launch)
    #expect(try worker.end(launch.id).reason == .exited)
    #expect(worker.text("\(worker.folder.path)/runs") == "run\n")
    worker.driver.release(launch.id)
    #expect(try worker.run(launch).reason == .exited)
    #expect(worker.text("\(worker.folder.path)/runs") == "run\nrun\n")
  }

  @Test(arguments: [false, true]) func aShimThatWasKilledLeavesNothing(isAdopted: Bool) throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let launch = worker.launch(
      1, "exec 9>$F/post; (setsid sh -c 'sleep 1000; :' &); (setsid sleep 1000 &); echo up >&9; sleep 1000; :")
    worker.driver.start(launch)
    #expect(try post.line() == "up")
    try worker.untilRunning(launch.id)
    let pid = try #require(worker.shimPID(launch.id))
    if isAdopted {
      kill(pid, SIGKILL)
      try worker.restart()
      _ = try worker.driver.list()
      if case .ended(let outcome)? = try worker.status(launch.id) {
        #expect(outcome.reason == .unknown)
      } else {
        #expect(try worker.end(launch.id).reason == .unknown)
      }
    } else {
      kill(pid, SIGKILL)
      #expect(try worker.end(launch.id).reason == .unknown)
    }
    #expect(EndTests.hasEnded("\(worker.folder.path)/post"))
    try worker.restart()
    #expect(try worker.status(launch.id) == .ended(TaskOutcome(.unknown, error: "ringmaster-task was killed")))
  }

  @Test func noZombieIsLeft() throws {
    let worker = try TestWorker()
    let launch = worker.launch(1, "sleep 1000")
    worker.driver.start(launch)
    try worker.untilRunning(launch.id)
    let pid = try #require(worker.shimPID(launch.id))
    worker.driver.stop(launch.id, signal: SIGTERM, timeoutMs: 50_000)
    _ = try worker.end(launch.id)
    #expect(waitpid(pid, nil, WNOHANG) == -1)
  }

  // MARK: A worker that is killed

  private func drive(_ worker: TestWorker, tasks: Int, script: String) throws -> (pid: Int32, output: Int32) {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var launch = ProcessLaunch([
      "\(TestWorker.products)/taskdrive", "worker", worker.tasks, TestWorker.shim, worker.lease, worker.cluster,
      String(tasks), script,
    ])
    launch.output = .descriptor(ends[1])
    launch.isGroup = true
    let pid = try launch.start()
    close(ends[1])
    return (pid, ends[0])
  }

  /// Reads until a worker has said so many lines; all that it says when it ends before.
  private func lines(_ descriptor: Int32, _ count: Int) -> [Substring] {
    var text: [UInt8] = []
    var left = count
    var byte: UInt8 = 0
    while left > 0, read(descriptor, &byte, 1) == 1 {
      text.append(byte)
      if byte == UInt8(ascii: "\n") { left -= 1 }
    }
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
  }

  @Test func tasksGoOnWhenTheirWorkerIsKilled() throws {
    let worker = try TestWorker()
    let post = try Signpost("\(worker.folder.path)/post")
    let (pid, output) = try drive(
      worker, tasks: 1, script: "echo up >\(worker.folder.path)/post; read line <\(worker.folder.path)/go; exit 0")
    mkfifo("\(worker.folder.path)/go", 0o600)
    #expect(try post.line() == "up")
    kill(-pid, SIGKILL)
    _ = ProcessLaunch.end(of: pid, waits: true)
    close(output)
    try worker.restart()
    let id = worker.id(1)
    #expect(try worker.driver.list().map(\.id) == [id])
    let go = open("\(worker.folder.path)/go", O_RDWR)
    write(go, "go\n", 3)
    #expect(try worker.end(id).exitCode == 0)
    close(go)
  }

  /// Wherever a worker is killed, each task runs once.
  @Test func eachTaskRunsOnceThoughTheWorkerIsKilledAllTheTime() throws {
    let worker = try TestWorker()
    let runs = "\(worker.folder.path)/runs"
    var lives = 0
    var isDone = false
    while !isDone, lives < 200 {
      lives += 1
      let (pid, output) = try drive(worker, tasks: 40, script: "echo $1 >>\(runs)")
      let said = lines(output, lives % 7 + 1)
      isDone = said.last == "all done"
      #expect(!said.contains { $0.hasPrefix("BAD") }, "\(said)")
      kill(-pid, SIGKILL)
      _ = ProcessLaunch.end(of: pid, waits: true)
      close(output)
    }
    #expect(isDone)
    let lines = worker.text(runs).split(separator: "\n").compactMap { Int($0) }.sorted()
    #expect(lines == Array(1...40))
  }
}
