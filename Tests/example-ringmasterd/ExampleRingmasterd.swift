import ExamplePlugins
import RingmasterDaemon

/// A dispatcher as a deployment builds its own.
@main
enum ExampleRingmasterd {
  static func main() {
    DispatcherProgram.main { registerExamplePlugins(&$0) }
  }
}
