import EventModel
import Ingest
import RingmasterClient

/// A fleet of simulated workers.
public struct FleetOptions: Sendable {
  public var workers: Int
  /// Between two heartbeats of one worker.
  public var intervalMs: Int
  /// Where the UDP ingest listens, as `ADDR:PORT`.
  public var ingest: String
  /// Of the dispatcher's control socket.
  public var socketPath: String
  /// How long tasks run. Those of a job whose name begins with `service` run until they are stopped.
  public var taskDurationMs: ClosedRange<Int>
  public var heartbeatsPerDatagram: Int
  /// Workers are named by it and their number, from 0, with as many digits as the last one has.
  public var namePrefix: String
  /// Of each worker.
  public var capacity: Resources
  /// Of the generator that draws durations.
  public var seed: UInt64

  public init(
    workers: Int, intervalMs: Int, ingest: String, socketPath: String = AttachOptions.defaultSocketPath,
    taskDurationMs: ClosedRange<Int>, heartbeatsPerDatagram: Int = 32, namePrefix: String = "w",
    capacity: Resources = Resources(milliCPU: 4000), seed: UInt64 = 1
  ) {
    self.workers = workers
    self.intervalMs = intervalMs
    self.ingest = ingest
    self.socketPath = socketPath
    self.taskDurationMs = taskDurationMs
    self.heartbeatsPerDatagram = heartbeatsPerDatagram
    self.namePrefix = namePrefix
    self.capacity = capacity
    self.seed = seed
  }

  func validate() throws(FleetError) {
    try check("workers", workers, FleetLimits.workers)
    try check("intervalMs", intervalMs, FleetLimits.intervalMs)
    try check("taskDurationMs", taskDurationMs.lowerBound, FleetLimits.taskDurationMs)
    try check("taskDurationMs", taskDurationMs.upperBound, FleetLimits.taskDurationMs)
    try check("heartbeatsPerDatagram", heartbeatsPerDatagram, 1...Datagram.maxHandles)
    try check("namePrefix", namePrefix.utf8.count, FleetLimits.prefixBytes)
    precondition(capacity.isWithinLimits, "workers have a capacity within the limits")
  }

  private func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(FleetError) {
    guard range.contains(value) else { throw .badOption(name: name, value: value, range: range) }
  }
}

/// Every limit of the fleet.
enum FleetLimits {
  static let workers = 1...1_000_000
  static let intervalMs = 1...3_600_000
  static let taskDurationMs = 0...86_400_000
  static let prefixBytes = 1...200
  /// Heartbeats that are due within one step travel together.
  static let stepNs: UInt64 = 5_000_000
  /// Registrations sent in one step, and sent without an answer yet: so many fit the receive buffers on the way.
  static let registrationsPerStep = 64
  static let registrationsInFlight = 256
  /// Until a registration without an answer is repeated.
  static let registrationRetryNs: UInt64 = 250_000_000
  /// From an assignment to the report that the task runs.
  static let startDelayMs = 2...8
  /// How long a send waits for room in the kernel, and how often it is tried, before it counts as failed.
  static let sendWaitMs: Int32 = 20
  static let sendAttempts = 5
  static let receiveBufferBytes = 4 << 20
  /// Slots: a burst of assignments is tens of thousands.
  static let resultCapacity = 1 << 16
  static let submissionCapacity = 1 << 14
  static let rowsPerQuery = 512
  /// Of one line on standard input.
  static let commandBytes = 4096
}

/// Why a fleet cannot go on.
public enum FleetError: Error, Hashable, Sendable, CustomStringConvertible {
  case badOption(name: String, value: Int, range: ClosedRange<Int>)
  case registrationRefused(worker: String, RejectionReason)
  case dispatcherGone(reason: String)

  public var description: String {
    switch self {
    case .badOption(let name, let value, let range): "\(name): expected \(range), got \(value)"
    case .registrationRefused(let worker, let reason): "the registration of \(worker) was refused: \(reason.name)"
    case .dispatcherGone(let reason): "the dispatcher is gone: \(reason)"
    }
  }
}
