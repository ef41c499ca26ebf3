import ArgumentParser
import Platform

/// The demo, and two programs that it starts itself as: no command of it, so that no help lists them.
@main
enum RingmasterDemo {
  /// On the main thread, so that signals are blocked before there are other threads.
  @MainActor
  static func main() async {
    StandardStream.openClosedOnes()
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case FleetCommand.name: FleetCommand.main(Array(arguments.dropFirst()))
    case ChildCommand.name: ChildCommand.main(Array(arguments.dropFirst()))
    default: await DemoCommand.main()
    }
  }
}
