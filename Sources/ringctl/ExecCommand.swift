import ArgumentParser
import Platform
import RingmasterClient

/// `ringctl exec`: a command beside a running task.
struct ExecCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract:
      "Runs a command beside a running task on this machine: as its user, with its environment, /tmp and slice.",
    discussion: """
      ringctl exec train/task-3 -- ps aux
      ringctl exec train/task-0 -- sh

      systemd starts it as a unit of its own, with no more rights than the task has. Only for tasks that systemd runs; needs root. \
      Exits with the command's code.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: ArgumentHelp("A task; a job stands for its first one here.", valueName: "job[/task-n]"))
  var name: String

  @Argument(parsing: .postTerminator, help: ArgumentHelp("What is to run.", valueName: "command"))
  var command: [String] = []

  private static let longestEnvironment = 2 << 20

  func validate() throws {
    if command.isEmpty { throw ValidationError("what is to run comes behind --: ringctl exec train/task-0 -- ps aux") }
  }

  func run() async throws {
    let units = try await TaskUnits.find(name, try connection.attach(.observe, as: "exec"))
    guard Machine.effectiveUserID() == 0 else { throw CommandFailure("only root may run a command beside a task") }
    let user = try units.user()
    var arguments = [
      "/usr/bin/systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--slice=ringmaster-tasks.slice",
      "--property=User=\(user.uid)", "--property=Group=\(user.gid)", "--property=NoNewPrivileges=yes",
      "--property=PrivateTmp=yes", "--property=JoinsNamespaceOf=\(units.units[0].name)",
    ]
    let variables = try TextFile.contents("/proc/\(user.pid)/environ", maximumBytes: Self.longestEnvironment)
    for variable in variables.split(separator: 0) where Self.isPlain(variable) {
      arguments.append("--setenv=\(String(decoding: variable, as: UTF8.self))")
    }
    // Its number may be another process's by now, with an environment that is not the task's.
    guard try units.user().pid == user.pid else { throw CommandFailure("\(units.units[0].task) has ended") }
    // systemd would replace $NAME in arguments.
    let words = command.map { $0.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$") }
    var launch = ProcessLaunch(arguments + ["--"] + words)
    launch.input = .shared
    switch ProcessLaunch.end(of: try launch.start(), waits: true) {
    case .code(0)?: return
    case .code(let code)?: throw ExitCode(code)
    case .signal(let number)?: throw ExitCode(128 + number)
    case nil: throw CommandFailure("the command was not waited for")
    }
  }

  /// NAME=value without control characters: a task may have written anything into its environment.
  private static func isPlain(_ variable: ArraySlice<UInt8>) -> Bool {
    guard let end = variable.firstIndex(of: UInt8(ascii: "=")), end > variable.startIndex else { return false }
    let name = variable[..<end]
    let isName =
      !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= name[name.startIndex])
      && name.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
      }
    return isName && !variable.contains { $0 < 0x20 || $0 == 0x7F }
  }
}
