import ArgumentParser
import CRingmaster
import EventModel
import Platform
import RingmasterClient
import SeededRandom

/// Sends heartbeats of a fleet by the client library, as fast as the rings take them.
struct HeartbeatFeeder: ~Copyable {
  private let peers: UnsafeMutablePointer<Attachment>
  private let peerCount: Int
  private let handles: [WorkerHandle]
  private var next = 0

  private static let burst = 256
  /// Feeders on one processor take turns by themselves: under a real-time priority nobody else makes them.
  private static let turnNs: UInt64 = 200_000

  /// - Parameters:
  ///   - peers: rings to fill in turn.
  ///   - seed: of the order; nil for that of registration.
  init(socketPath: String, handles: [WorkerHandle], peers count: Int, capacity: Int, seed: UInt64?) throws {
    var handles = handles
    if let seed {
      var generator = SeededGenerator(seed: seed)
      handles.shuffle(using: &generator)
    }
    self.handles = handles
    var attached: [UnsafeMutablePointer<Attachment>] = []
    let peers = UnsafeMutablePointer<Attachment>.allocate(capacity: count)
    do {
      for index in 0..<count {
        let options = AttachOptions(role: .ingest, name: "ringperf-\(index)", submissionCapacity: capacity)
        (peers + index).initialize(to: try Attachment.attach(path: socketPath, options: options))
        attached.append(peers + index)
      }
    } catch {
      for peer in attached { peer.deinitialize(count: 1) }
      peers.deallocate()
      throw error
    }
    self.peers = peers
    peerCount = count
  }

  deinit {
    peers.deinitialize(count: peerCount)
    peers.deallocate()
  }

  /// - Parameter yields: other processes that send are on the same processor.
  mutating func feed(untilNs deadlineNs: UInt64, yields: Bool = false) {
    let (peers, peerCount) = (peers, peerCount)
    var next = next
    handles.withUnsafeBufferPointer { handles in
      var nowNs = Clock.monotonicNs()
      var turnEndNs = yields ? nowNs + Self.turnNs : .max
      while nowNs < deadlineNs {
        if nowNs >= turnEndNs {
          Machine.yield()
          turnEndNs = Clock.monotonicNs() + Self.turnNs
        }
        let stampNs = Clock.bootNs()
        var published = 0
        for index in 0..<peerCount {
          var left = Self.burst
          while left > 0, peers[index].submission.publishHeartbeat(handles[next], timestampNs: stampNs) {
            next = next + 1 == handles.count ? 0 : next + 1
            left -= 1
          }
          published += Self.burst - left
          peers[index].submission.flush()
        }
        if published == 0 { rm_pause() }
        nowNs = Clock.monotonicNs()
      }
    }
    self.next = next
  }
}

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
