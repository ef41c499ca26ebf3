import CBareUnits
import EventModel
import Glibc
import Platform
import Worker

/// Tasks a second of a driver, beside the same program with nothing around it, in turns.
struct Bench {
  let tasks: Int
  let atOnce: Int
  private let program = "/bin/true"
  private let rounds = 3

  func runProcesses() throws {
    let folder = try TemporaryFolder(prefix: "drive")
    defer { folder.remove() }
    for round in 1...rounds {
      let bare = try seconds { try runBare() }
      let driver = try processDriver(in: "\(folder.path)/\(round)")
      let driven = try seconds { try run(driver, attempt: 0) }
      print("round \(round), \(shape): bare \(rate(bare))/s, driver \(rate(driven))/s, \(ratio(driven, bare)) of bare")
    }
  }

  func runUnits() throws {
    var settings = SystemdDriver.Settings()
    settings.prefix = "ringbench-"
    let driver = try SystemdDriver(settings)
    for round in 1...rounds {
      let bare = try seconds { try runBareUnits(properties: 0) }
      let alike = try seconds { try runBareUnits(properties: 1) }
      let kept = try seconds { try runBareUnits(properties: 2) }
      let driven = try seconds { try run(driver, attempt: UInt32(round)) }
      print(
        "round \(round), \(shape): bare sd-bus \(rate(bare))/s, with a task's properties \(rate(alike))/s,",
        "kept until seen \(rate(kept))/s, driver \(rate(driven))/s, \(ratio(driven, kept)) of that")
    }
  }

  private var shape: String { "\(tasks) tasks, \(atOnce) at once" }
  private func rate(_ seconds: Double) -> Int { Int(Double(tasks) / seconds) }
  private func ratio(_ seconds: Double, _ bare: Double) -> Double { (bare / seconds * 100).rounded() / 100 }

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

  private func runBareUnits(properties: Int32) throws {
    let code = bare_units(Int32(tasks), Int32(atOnce), properties)
    guard code == 0 else { throw SystemError("run bare units", code: -code) }
  }

  private func processDriver(in folder: String) throws -> ProcessDriver {
    try Folder.ensure(folder)
    let lease = "\(folder)/lease"
    var deadline = Clock.bootNs() + 3_600_000_000_000
    let file = open(lease, O_WRONLY | O_CREAT, 0o600)
    write(file, &deadline, 8)
    close(file)
    let own = CommandLine.arguments[0]
    let shim = own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex) + "/ringmaster-task"
    return try ProcessDriver(folder: "\(folder)/tasks", shim: String(shim), leaseFile: lease)
  }

  private func run(_ driver: any TaskDriver, attempt: UInt32) throws {
    var started = 0
    var ended = 0
    while ended < tasks {
      while started < tasks, started - ended < atOnce {
        started += 1
        let id = AttemptID(
          cluster: String(repeating: "0", count: 32), task: TaskHandle(rawValue: UInt64(started)), attempt: attempt,
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
