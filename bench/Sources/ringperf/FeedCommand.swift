import ArgumentParser
import EventModel

/// A process beside the benchmark's own that sends heartbeats until it is ended.
struct FeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "feed", shouldDisplay: false)

  @Option var socket: String
  @Option var workers: Int
  @Option var peers: Int
  @Option var capacity: RingCapacity
  /// Of the order; none for that of registration.
  @Option var seed: UInt64?

  func run() throws {
    // Those that a new dispatcher gives in the order of registration.
    let handles = (0..<workers).map { WorkerHandle(index: UInt32($0), generation: 1) }
    var feeder = try HeartbeatFeeder(
      socketPath: socket, handles: handles, peers: peers, capacity: capacity.slots, seed: seed)
    feeder.feed(untilNs: .max, yields: true)
  }
}
