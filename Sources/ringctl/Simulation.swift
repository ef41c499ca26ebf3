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
  /// A setting that cannot be used, and what could.
  struct ParsingError: Error, CustomStringConvertible {
    let description: String
  }

  static let names = ControllerSetting.allCases.map(\.name)

  private let setting: ControllerSetting
  private let value: Int64

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let setting = ControllerSetting(name: String(parts[0])) else {
      throw ParsingError(description: "expected key=value with a key of \(Self.names.joined(separator: ", "))")
    }
    guard let value = Int64(parts[1]), setting.range.contains(value) else {
      throw ParsingError(
        description:
          "\(setting.name): expected \(setting.range.lowerBound) to \(setting.range.upperBound), got \(parts[1])")
    }
    self.setting = setting
    self.value = value
  }

  func apply(to configuration: inout ControllerConfiguration) {
    configuration[setting] = value
  }
}
