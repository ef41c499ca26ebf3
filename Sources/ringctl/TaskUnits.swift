import EventModel
import Platform
import RingmasterClient

/// The units of a job's running tasks on this machine.
struct TaskUnits {
  struct Unit {
    let task: String
    let name: String
  }

  let units: [Unit]

  private static let systemctl = "/usr/bin/systemctl"

  /// - Parameter name: of a job, or of one of its tasks.
  /// - Throws: `CommandFailure` when the dispatcher does not know the job.
  static func find(_ name: String, _ client: RingmasterClient) async throws -> TaskUnits {
    let task = TaskName(name)
    guard
      let job = try await client.answer({ try await client.job(.name(task?.job ?? name), timeout: $0) })
    else {
      throw CommandFailure("there is no job \"\(task?.job ?? name)\": \"ringctl jobs\" lists those that are there")
    }
    var tasks: [TaskView] = []
    for case .task(let row) in try await client.answer({ try await client.tasks(of: .handle(job.handle), timeout: $0) })
    where task == nil || task?.index == row.name.index { tasks.append(row) }
    let wanted = WantedAttempts(cluster: client.cluster, tasks: tasks, attempt: nil)
    let listed = try ProcessLaunch.run([
      systemctl, "list-units", "--plain", "--no-legend", "--state=running", "--full", "ringtask-*.service",
    ])
    guard listed.end == .code(0) else { throw CommandFailure("systemctl \(listed.end): \(listed.errors)") }
    let names = listed.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    let units = names.compactMap { name -> Unit? in
      // ringtask-OWNER-CLUSTER-TASK-ATTEMPT-TIME.service
      let parts = name.dropLast(".service".count).split(separator: "-")
      guard parts.count == 6, let attempt = wanted[parts[2...].joined(separator: "-")] else { return nil }
      return Unit(task: attempt.task, name: name)
    }
    guard !units.isEmpty else {
      throw CommandFailure("no task of \(name) runs as a unit of systemd on this machine: \"ringctl tasks\" says where")
    }
    return TaskUnits(units: units)
  }

  /// Sends a signal to all processes of each.
  func signal(_ signal: String) throws {
    let outcome = try ProcessLaunch.run(
      [Self.systemctl, "kill", "--signal=\(signal)", "--kill-whom=all"] + units.map(\.name))
    guard outcome.end == .code(0) else { throw CommandFailure(outcome.errors.trimmed) }
  }

  /// As whom the first of them runs, and its first process, as systemd says.
  func user() throws -> (uid: Int, gid: Int, pid: Int) {
    let outcome = try ProcessLaunch.run([
      Self.systemctl, "show", "--property=UID,GID,MainPID", units[0].name,
    ])
    var values: [String: Int] = [:]
    for line in outcome.output.split(separator: "\n") {
      let words = line.split(separator: "=")
      if words.count == 2 { values[String(words[0])] = Int(words[1]) }
    }
    guard let uid = values["UID"], let gid = values["GID"], let pid = values["MainPID"], pid > 0 else {
      throw CommandFailure("\(units[0].task) has ended, or systemd does not say as whom it runs")
    }
    return (uid, gid, pid)
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
