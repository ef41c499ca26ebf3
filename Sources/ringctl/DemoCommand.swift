import ArgumentParser
import Platform

/// `ringctl demo`: becomes the program ringmaster-demo, which lies beside this one.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Runs a cluster on this machine: kills a worker, lets the controller find out, shows what that causes.",
    discussion: "Runs ringmaster-demo with the same arguments; \"ringctl demo --help\" lists them.")

  @Argument(parsing: .captureForPassthrough, help: "Of ringmaster-demo.")
  var arguments: [String] = []

  func run() throws {
    let program = Machine.sibling("ringmaster-demo")
    guard Environment.isExecutable(program) else {
      throw CommandFailure("the demo is a program of its own, and there is none at \(program)")
    }
    try ChildLauncher.become([program] + arguments)
  }
}
