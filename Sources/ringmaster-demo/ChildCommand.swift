import ArgumentParser
import Platform

/// What runs in a process of the demo before its program does.
struct ChildCommand: ParsableCommand {
  static let name = "child"
  static let configuration = CommandConfiguration(
    commandName: "ringmaster-demo \(name)", abstract: "Becomes another program, which ends with the demo.")

  @Option(help: "The demo's process.")
  var parent: Int32

  @Argument(parsing: .captureForPassthrough, help: "The program's path and its arguments.")
  var command: [String]

  func run() throws {
    try ChildLauncher.launch(command.first == "--" ? Array(command.dropFirst()) : command, parent: parent)
  }
}
