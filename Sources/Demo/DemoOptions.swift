import EventModel
import Platform

/// What the demo is asked to show.
public struct DemoOptions: Sendable {
  /// Simulated workers, at least two: one of them is killed, and its tasks must find another.
  public var workers = 200
  /// Tasks of the short job.
  public var tasks = 400
  /// Between two heartbeats of a worker.
  public var intervalMs: Int64 = 1000
  /// How long heartbeats are to flow; nil ends with the story.
  public var durationMs: Int64?
  /// One JSON object on standard output at the end, and nothing else.
  public var printsJSON = false
  /// Where the processes' logs stay; nil removes them.
  public var logFolder: String?

  public init() {}

  public static let workerRange = 2...100_000
  public static let taskRange = Limits.replicas
  public static let intervalRangeMs = 10...60_000

  /// A worker without a heartbeat for so long is lost.
  public var workerTimeoutMs: Int64 {
    max(3 * intervalMs, Self.leastWorkerTimeoutMs)
  }

  /// Tasks of the job that runs until it is cancelled: about half of what fits, after the loss of one worker too.
  public var serviceTasks: Int {
    min(Self.mostServiceTasks, (workers - 1) * Self.cpusPerWorker / 2)
  }

  /// Slots of the ingest's ring: they hold the heartbeats of five seconds, in which a dispatcher that was killed is back,
  /// on a busy machine too.
  var ingestRingCapacity: Int {
    let heartbeats = 5000 * workers / Int(intervalMs)
    var slots = 1 << 14
    while slots < heartbeats, slots < 1 << 20 { slots <<= 1 }
    return slots
  }

  static let cpusPerWorker = 8
  static let taskDurationMs: ClosedRange<Int64> = 200...1500
  /// Of one datagram: small enough for one Ethernet frame, large enough that a fleet is not limited by system calls.
  static let heartbeatsPerDatagram = 100
  private static let leastWorkerTimeoutMs: Int64 = 2000
  private static let mostServiceTasks = 100

  /// How long the short job may take: its work over the processors left to it, with room for a busy machine.
  var batchLimit: Duration {
    let freeCPUs = max((workers - 1) * Self.cpusPerWorker - serviceTasks, 1)
    let rounds = (tasks + freeCPUs - 1) / freeCPUs
    return .milliseconds(Int64(rounds) * Self.taskDurationMs.upperBound) + .seconds(30)
  }

  /// How long the fleet may take to register.
  var registrationLimit: Duration {
    .seconds(20) + .milliseconds(workers)
  }
}

/// Why the demo did not show what it promised.
public struct DemoFailure: Error, Sendable, CustomStringConvertible {
  public let what: String
  /// The last lines of the log of the process concerned.
  public let logTail: [String]

  init(_ what: String, logTail: [String] = []) {
    self.what = what
    self.logTail = logTail
  }

  public var description: String {
    logTail.isEmpty ? what : what + "\n" + logTail.map { "  | \($0)" }.joined(separator: "\n")
  }
}
