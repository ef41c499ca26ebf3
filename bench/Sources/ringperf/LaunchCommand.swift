import ArgumentParser
import Platform

/// Runs in a child before its program does: ties its life to the benchmark's, takes its processors, becomes the program.
struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "launch", shouldDisplay: false)

  @Option var parent: Int32
  @Option var cpus: CPUList
  @Argument(parsing: .postTerminator) var program: [String]

  func run() throws {
    try CPUList.pin(cpus.cpus)
    try ChildLauncher.launch(program, parent: parent)
  }
}
