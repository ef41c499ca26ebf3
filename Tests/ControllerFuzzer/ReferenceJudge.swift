import Controller
import EventJSON
import EventModel
import ReferenceModel

/// Lets the reference model take each step too, and compares what both made of it and what both hold now.
public struct ReferenceJudge: StepJudge {
  private var model: ReferenceModel

  public init(configuration: ControllerConfiguration) {
    precondition(configuration.restartSpreadMs == 0, "the model knows no spread")
    model = ReferenceModel(settings: ModelSettings(configuration))
  }

  public func failures(of pass: ProposedPass, in state: borrowing ControllerState) -> [String] {
    var differences = Differences()
    differences.compare(pass, state, model)
    return differences.texts
  }

  public mutating func failures(
    after step: ScriptStep, _ transactions: [Transaction], _ state: borrowing ControllerState
  ) -> [String] {
    let expected = model.take(step)
    var differences = Differences()
    for action in transactions.lazy.flatMap(\.actions) {
      switch action.kind {
      case .workerRegistered, .taskCreated, .jobSubmitted, .jobValidationFailed:
        if let complaint = model.learn(action.subject) { differences.note(complaint) }
      default: continue
      }
    }
    differences.compare(transactions, expected)
    differences.compare(state, model)
    return differences.texts
  }
}

extension ModelSettings {
  /// Those of a controller that the model can do as.
  public init(_ configuration: ControllerConfiguration) {
    self.init()
    workerTimeoutMs = configuration.workerTimeoutMs
    heartbeatFailureThreshold = configuration.heartbeatFailureThreshold
    jobRetentionMs = configuration.jobRetentionMs
    deliveryRetries = configuration.deliveryRetries
    assignmentTimeoutMs = configuration.assignmentTimeoutMs
    reservationAfterMs = configuration.reservationAfterMs
    restartGraceMs = configuration.restartGraceMs
    silentSharePercent = configuration.silentSharePercent
    brakeEngageSharePercent = configuration.brakeEngageSharePercent
    brakeReleaseSharePercent = configuration.brakeReleaseSharePercent
    brakeMinimumWorkers = configuration.brakeMinimumWorkers
    brakeExpiriesPerMinute = configuration.brakeExpiriesPerMinute
  }
}

extension ReferenceModel {
  /// Takes a step and returns the transactions that it makes, in order.
  public mutating func take(_ step: ScriptStep) -> [ModelTransaction] {
    switch step {
    case .event(let event): return [handle(event)]
    case .tick(let nowMs): return tick(nowMs: nowMs)
    case .sweep(let asOfMs): return sweep(asOfMs: asOfMs)
    case .place: return placeAll()
    case .restart(let atMs):
      restart(atMs: atMs)
      return []
    case .configured: preconditionFailure("no simulation makes such a step, so the model knows none")
    }
  }
}
