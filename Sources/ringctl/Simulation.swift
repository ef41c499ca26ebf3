import Controller
import EventJSON
import EventModel

/// A state machine that a script drives.
struct Simulation: ~Copyable {
  private(set) var state: ControllerState
  /// The first job that was submitted.
  private(set) var firstJob: String?
  /// Workers that were lost, in the order of their first loss. Some may have come back.
  private(set) var lostWorkers: [String] = []
  private var everLost: Set<String> = []

  init(settings: [SimulationSetting]) {
    var configuration = ControllerConfiguration()
    for setting in settings { setting.apply(to: &configuration) }
    state = ControllerState(configuration: configuration)
  }

  /// The transactions that the step made, in order.
  mutating func take(_ step: ScriptStep) -> [Transaction] {
    let transactions = perform(step)
    for action in transactions.lazy.flatMap(\.actions) where action.kind == .workerPruned {
      let name = action.subject.description
      if everLost.insert(name).inserted { lostWorkers.append(name) }
    }
    return transactions
  }

  private mutating func perform(_ step: ScriptStep) -> [Transaction] {
    switch step {
    case .event(let event):
      if firstJob == nil, case .jobSubmitted(let name, _) = event.body { firstJob = name }
      return [state.handle(event)]
    case .tick(let nowMs):
      return state.tick(nowMs: nowMs)
    case .restart(let atMs):
      state = ControllerState(restoring: state.save(), configuration: state.configuration, atMs: atMs)
      return []
    }
  }
}

/// One setting of the state machine, given as `key=value`.
struct SimulationSetting: Sendable {
  private enum Key: String, CaseIterable {
    case workerTimeoutMs = "worker_timeout_ms"
    case heartbeatFailureThreshold = "heartbeat_failure_threshold"
    case jobRetentionMs = "job_retention_ms"
    case transactionLogCapacity = "txn_log_capacity"
    case deliveryRetries = "delivery_retries"

    var range: ClosedRange<Int64> {
      switch self {
      case .workerTimeoutMs, .jobRetentionMs: Limits.timeMs
      case .heartbeatFailureThreshold: 1...Int64(Int32.max)
      case .transactionLogCapacity: 1...1_000_000
      case .deliveryRetries: 0...Int64(Limits.retries.upperBound)
      }
    }
  }

  /// A setting that cannot be used, and what could.
  struct ParsingError: Error, CustomStringConvertible {
    let description: String
  }

  static let names = Key.allCases.map(\.rawValue)

  private let key: Key
  private let value: Int64

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let key = Key(rawValue: String(parts[0])) else {
      throw ParsingError(description: "expected key=value with a key of \(Self.names.joined(separator: ", "))")
    }
    guard let value = Int64(parts[1]), key.range.contains(value) else {
      throw ParsingError(
        description: "\(key.rawValue): expected \(key.range.lowerBound) to \(key.range.upperBound), got \(parts[1])")
    }
    self.key = key
    self.value = value
  }

  func apply(to configuration: inout ControllerConfiguration) {
    switch key {
    case .workerTimeoutMs: configuration.workerTimeoutMs = value
    case .heartbeatFailureThreshold: configuration.heartbeatFailureThreshold = Int32(value)
    case .jobRetentionMs: configuration.jobRetentionMs = value
    case .transactionLogCapacity: configuration.transactionLogCapacity = Int(value)
    case .deliveryRetries: configuration.deliveryRetries = Int32(value)
    }
  }
}
