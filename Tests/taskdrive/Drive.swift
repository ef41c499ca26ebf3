import EventModel
import Glibc
import Platform
import Worker

/// A tiny worker around the process driver, for tests and measurements.
@main enum Drive {
  static let usage = """
    drive worker FOLDER SHIM LEASE CLUSTER TASKS SCRIPT
    drive bench TASKS [AT-ONCE]
    drive bench-systemd TASKS [AT-ONCE]

    """

  static func main() throws {
    let words = CommandLine.arguments
    switch words.dropFirst().first {
    case "worker" where words.count == 8:
      try TinyWorker(
        folder: words[2], shim: words[3], lease: words[4], cluster: words[5], tasks: Int(words[6])!, script: words[7]
      ).run()
    case "bench" where words.count >= 3:
      try Bench(tasks: Int(words[2])!, atOnce: words.count > 3 ? Int(words[3])! : 16).runProcesses()
    case "bench-systemd" where words.count >= 3:
      try Bench(tasks: Int(words[2])!, atOnce: words.count > 3 ? Int(words[3])! : 16).runUnits()
    default:
      print(usage)
      exit(2)
    }
  }

  /// Sleeps until the driver has something to tell.
  static func wait(_ driver: any TaskDriver) throws -> [TaskChange] {
    let now = Clock.bootNs()
    let wake = driver.wakeNs
    let timeoutMs = wake == .max ? -1 : wake > now ? Int32((wake - now) / 1_000_000) + 1 : 0
    _ = Poll.readable(driver.descriptors, timeoutMs: timeoutMs)
    return try driver.changes(nowNs: Clock.bootNs())
  }
}
