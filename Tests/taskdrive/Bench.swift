import EventModel
import Glibc
import Platform
import Worker

/// Tasks a second of the driver, beside the same program started and waited for with nothing around it.
struct Bench {
  let tasks: Int
  let atOnce: Int
  private let program = "/bin/true"

  func run() throws {
    let folder = try TemporaryFolder(prefix: "drive")
    defer { folder.remove() }
    for round in 1...3 {
      let bare = try seconds { try runBare() }
      let driven = try seconds { try runDriver(in: "\(folder.path)/\(round)") }
      print(
        "round \(round), \(tasks) tasks, \(atOnce) at once: bare \(rate(bare))/s, driver \(rate(driven))/s,",
        "ratio \((driven / bare * 100).rounded() / 100)")
    }
  }

  private func rate(_ seconds: Double) -> Int { Int(Double(tasks) / seconds) }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = Clock.monotonicNs()
    try body()
    return Double(Clock.monotonicNs() - start) / 1e9
  }

  private func runBare() throws {
    var running: [Int32] = []
    for _ in 0..<tasks {
      if running.count == atOnce { _ = ProcessLaunch.end(of: running.removeFirst(), waits: true) }
      running.append(try ProcessLaunch([program]).start())
    }
    for pid in running { _ = ProcessLaunch.end(of: pid, waits: true) }
  }

  private func runDriver(in folder: String) throws {
    try Folder.ensure(folder)
    let lease = "\(folder)/lease"
    var deadline = Clock.bootNs() + 3_600_000_000_000
    let file = open(lease, O_WRONLY | O_CREAT, 0o600)
    write(file, &deadline, 8)
    close(file)
    let own = CommandLine.arguments[0]
    let shim = own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex) + "/ringmaster-task"
    let driver = try ProcessDriver(folder: "\(folder)/tasks", shim: String(shim), leaseFile: lease)
    var started = 0
    var ended = 0
    while ended < tasks {
      while started < tasks, started - ended < atOnce {
        started += 1
        let id = AttemptID(
          cluster: String(repeating: "0", count: 32), task: TaskHandle(rawValue: UInt64(started)), attempt: 0,
          assignedMs: 1)
        var launch = TaskLaunch(id: id)
        launch.command = [program]
        driver.start(launch)
      }
      for change in try Drive.wait(driver) {
        guard case .status(let id, .ended(let outcome)) = change else { continue }
        precondition(outcome.reason == .exited, "\(outcome)")
        driver.release(id)
        ended += 1
      }
    }
  }
}
