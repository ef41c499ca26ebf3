import Controller
import EventJSON
import EventModel
import ReferenceModel

/// Lets the reference model take each step too, and compares what both made of it and what both hold now.
public struct ReferenceJudge: StepJudge {
  private var model: ReferenceModel

  public init(configuration: ControllerConfiguration) {
    var settings = ModelSettings()
    settings.workerTimeoutMs = configuration.workerTimeoutMs
    settings.heartbeatFailureThreshold = configuration.heartbeatFailureThreshold
    settings.jobRetentionMs = configuration.jobRetentionMs
    settings.deliveryRetries = configuration.deliveryRetries
    precondition(configuration.restartSpreadMs == 0, "the model knows no spread")
    settings.restartGraceMs = configuration.restartGraceMs
    settings.silentSharePercent = configuration.silentSharePercent
    settings.brakeEngageSharePercent = configuration.brakeEngageSharePercent
    settings.brakeReleaseSharePercent = configuration.brakeReleaseSharePercent
    settings.brakeMinimumWorkers = configuration.brakeMinimumWorkers
    settings.brakeExpiriesPerMinute = configuration.brakeExpiriesPerMinute
    model = ReferenceModel(settings: settings)
  }

  public func failures(of pass: ProposedPass, in state: borrowing ControllerState) -> [String] {
    var differences = Differences()
    differences.compare(pass, state, model)
    return differences.texts
  }

  public mutating func failures(
    after step: ScriptStep, _ transactions: [Transaction], _ state: borrowing ControllerState
  ) -> [String] {
    let expected: [ModelTransaction]
    switch step {
    case .event(let event): expected = [model.handle(event)]
    case .tick(let nowMs): expected = model.tick(nowMs: nowMs)
    case .sweep(let asOfMs): expected = model.sweep(asOfMs: asOfMs)
    case .restart(let atMs):
      model.restart(atMs: atMs)
      expected = []
    case .configured, .place: preconditionFailure("no simulation makes such a step, so the model knows none")
    }
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
