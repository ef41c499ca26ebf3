import Controller
import EventJSON
import EventModel
import Simulator

/// A state machine that a script drives.
struct Simulation: ~Copyable {
  private var controller: ScriptedController
  /// The first job that was submitted.
  private(set) var firstJob: String?
  /// Workers that were lost, in the order of their first loss. Some may have come back.
  private(set) var lostWorkers: [String] = []
  private var everLost: Set<String> = []

  init(settings: [SimulationSetting]) {
    var configuration = ControllerConfiguration()
    for setting in settings { setting.apply(to: &configuration) }
    controller = ScriptedController(configuration: configuration)
  }

  var state: ControllerState {
    _read { yield controller.state }
  }

  /// The transactions that the step made, in order.
  mutating func take(_ step: ScriptStep) -> [Transaction] {
    if firstJob == nil, case .event(let event) = step, case .jobSubmitted(let name, _) = event.body { firstJob = name }
    let transactions = controller.take(step)
    for action in transactions.lazy.flatMap(\.actions) where action.kind == .workerPruned {
      let name = action.subject.description
      if everLost.insert(name).inserted { lostWorkers.append(name) }
    }
    return transactions
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
    case restartGraceMs = "restart_grace_ms"
    case restartSpreadMs = "restart_spread_ms"
    case brakeMinimumWorkers = "brake_minimum_workers"
    case brakeExpiriesPerMinute = "brake_expiries_per_minute"

    var range: ClosedRange<Int64> {
      switch self {
      case .workerTimeoutMs, .jobRetentionMs: Limits.timeMs
      case .restartGraceMs, .restartSpreadMs: 0...86_400_000
      case .heartbeatFailureThreshold, .brakeMinimumWorkers: 1...Int64(Int32.max)
      case .brakeExpiriesPerMinute: 0...60_000
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
    case .restartGraceMs: configuration.restartGraceMs = value
    case .restartSpreadMs: configuration.restartSpreadMs = value
    case .brakeMinimumWorkers: configuration.brakeMinimumWorkers = Int32(value)
    case .brakeExpiriesPerMinute: configuration.brakeExpiriesPerMinute = value
    }
  }
}
