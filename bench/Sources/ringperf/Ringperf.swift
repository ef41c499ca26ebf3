import ArgumentParser

@main
struct Ringperf: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringperf",
    abstract: "Measures the ring, the dispatcher, the state machine and their peers on this machine.",
    discussion: """
      Two sides measure between two processes, each on a processor of its own (--cpus). What is compared takes turns, \
      round by round (--repeats), and figures are medians over the rounds with the distance of the quartiles as spread: \
      a noisy machine slows some rounds and speeds up none. Latencies under a fixed rate count from the moment an event \
      was due, so that a stall is charged for all that waited. Received records are counted and checked.

      Absolute figures are this machine's; compare ratios of one run. "goals" shows them all. bench/MEASUREMENTS.md \
      tells what was tried.
      """,
    subcommands: [
      StreamCommand.self, PingPongCommand.self, FloorCommand.self, IdleCommand.self, DispatchCommand.self,
      HeartbeatCommand.self, UDPCommand.self, ControllerCommand.self, RestartCommand.self, JournalCommand.self,
      ReadersCommand.self, CompareCommand.self,
      GoalsCommand.self, ReportCommand.self,
      PartnerCommand.self, LaunchCommand.self, FeedCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      defer { ObjectNames.unlinkAll() }
      try command.run()
    } catch {
      ObjectNames.unlinkAll()
      exit(withError: error)
    }
  }
}
