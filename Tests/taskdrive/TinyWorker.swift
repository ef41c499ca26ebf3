import EventModel
import Glibc
import Platform
import Worker

/// Runs tasks 1 to N once each over all its lives: whatever was started is adopted, and what ended is noted in the file
/// `done` before it is released.
struct TinyWorker {
  let folder: String
  let shim: String
  let lease: String
  let cluster: String
  let tasks: Int
  let script: String

  private func id(_ task: Int) -> AttemptID {
    AttemptID(cluster: cluster, task: TaskHandle(rawValue: UInt64(task)), attempt: 0, assignedMs: 1)
  }

  /// At once, so that whoever reads it knows how far this process came.
  private func say(_ text: String) {
    let line = "\(text)\n"
    write(STDOUT_FILENO, line, line.utf8.count)
  }

  func run() throws {
    let driver = try ProcessDriver(folder: folder, shim: shim, leaseFile: lease, cgroup: nil)
    let path = "\(folder)/done"
    var done = Set(
      String(decoding: (try? TextFile.contents(path, maximumBytes: 1 << 20)) ?? [], as: UTF8.self)
        .split(separator: "\n").compactMap { Int($0) })
    let log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)

    func take(_ id: AttemptID, _ status: TaskStatus) {
      say("\(id.task.rawValue) \(status)")
      guard case .ended(let outcome) = status else { return }
      let task = Int(id.task.rawValue)
      if outcome.reason != .exited { say("BAD \(task) \(outcome)") }
      if done.insert(task).inserted {
        let line = "\(task)\n"
        write(log, line, line.utf8.count)
      }
      driver.release(id)
    }

    for (id, status) in try driver.list() { take(id, status) }
    for task in 1...tasks where !done.contains(task) {
      var launch = TaskLaunch(id: id(task))
      launch.command = ["/bin/sh", "-c", script, "sh", String(task)]
      launch.environment = [Specification.Variable(name: "PATH", value: "/usr/bin:/bin")]
      driver.start(launch)
    }
    while done.count < tasks {
      for change in try Drive.wait(driver) {
        if case .status(let id, let status) = change { take(id, status) }
      }
    }
    say("all done")
  }
}
