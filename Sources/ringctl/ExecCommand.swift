import ArgumentParser
import Platform
import RingmasterClient

/// `ringctl exec`: a command beside a running task.
struct ExecCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Runs a command beside a running task on this machine: in its namespaces, limits and environment.",
    discussion: """
      ringctl exec train/task-3 -- ps aux
      ringctl exec train/task-0 -- sh

      As the task's user, in its folder. It counts against the task's memory and ends with it. For tasks that systemd runs; needs \
      root. Exits with the command's code.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: ArgumentHelp("A task; a job stands for its first one here.", valueName: "job[/task-n]"))
  var name: String

  @Argument(parsing: .postTerminator, help: ArgumentHelp("What is to run.", valueName: "command"))
  var command: [String] = []

  private static let nsenter = "/usr/bin/nsenter"
  private static let longestEnvironment = 2 << 20

  func validate() throws {
    if command.isEmpty { throw ValidationError("what is to run comes behind --: ringctl exec train/task-0 -- ps aux") }
  }

  func run() async throws {
    let units = try await TaskUnits.find(name, try connection.attach(.observe, as: "exec"))
    guard Machine.effectiveUserID() == 0 else { throw CommandFailure("only root may enter a task") }
    let pid = try units.mainProcess()
    let variables = try TextFile.contents("/proc/\(pid)/environ", maximumBytes: Self.longestEnvironment)
    let environment = variables.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    // With the task's own limits, and gone with it.
    let group = TextFile.head("/proc/\(pid)/cgroup").split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3)
    if let group {
      let file = try File.open(writingTo: "/sys/fs/cgroup\(group)/cgroup.procs")
      try file.append("\(Machine.processID())")
    }
    var launch = ProcessLaunch(
      [Self.nsenter, "--target", "\(pid)", "--mount", "--net", "--ipc", "--uts", "--wd=/proc/\(pid)/cwd"]
        + ["--setuid", owner("Uid", pid), "--setgid", owner("Gid", pid), "--"] + command)
    launch.input = .shared
    launch.environment = environment
    let started = try launch.start()
    switch ProcessLaunch.end(of: started, waits: true) {
    case .code(0)?: return
    case .code(let code)?: throw ExitCode(code)
    case .signal(let number)?: throw ExitCode(128 + number)
    case nil: throw CommandFailure("the command was not waited for")
    }
  }

  private func owner(_ key: String, _ pid: Int32) -> String {
    let line = TextFile.head("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("\(key):") }
    return line?.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst().first.map(String.init) ?? "65534"
  }
}
