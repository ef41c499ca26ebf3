import CTaskProcess
import EventModel
import Glibc
import Platform
import Testing

@testable import Worker

/// Without controllers, which the machines of tests seldom have: what is killed, and what is left.
@Suite struct CgroupTests {
  /// A control group to try in; nil where none can be made.
  private static func make() -> String? {
    for parent in ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"] where Folder.fileExists("\(parent)/cgroup.procs") {
      let path = "\(parent)/ringmaster-test-\(getpid())-\(Clock.bootNs())"
      if mkdir(path, 0o755) == 0 { return path }
    }
    return nil
  }

  @Test(arguments: [false, true]) func eachTaskHasItsOwnGroup(isShimKilled: Bool) throws {
    guard let path = Self.make() else { return }
    defer { rmdir(path) }
    let worker = try TestWorker(cgroup: DelegatedCgroup(path: path))
    #expect(!worker.driver.limitsMemory)
    let post = try Signpost("\(worker.folder.path)/post")
    let launch = worker.launch(
      1, "exec 9>$F/post; (env -i setsid sleep 1000 &); grep 0:: /proc/self/cgroup >&9; exec sleep 1000")
    worker.driver.start(launch)
    let group = try post.line()
    #expect(group.hasSuffix("/\(launch.id)"), "\(worker.output(launch.id))")
    try worker.untilRunning(launch.id)
    if isShimKilled {
      kill(try #require(worker.shimPID(launch.id)), SIGKILL)
      #expect(try worker.end(launch.id).reason == .unknown)
    } else {
      worker.driver.stop(launch.id, signal: SIGTERM, timeoutMs: 50_000)
      let outcome = try worker.end(launch.id)
      #expect(outcome.reason == .stopped, "\(outcome)")
    }
    // The one without the mark in its environment too.
    #expect(EndTests.hasEnded("\(worker.folder.path)/post"))
    worker.driver.release(launch.id)
    #expect(!Folder.fileExists("\(path)/\(launch.id)"))
  }
}
