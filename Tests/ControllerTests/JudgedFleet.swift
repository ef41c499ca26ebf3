import Controller
import EventModel

/// A fleet that a judge looks at, as a dispatcher would.
final class JudgedFleet {
  let state: TestController
  private var judge = LivenessJudge()
  private(set) var workers: [String: WorkerHandle] = [:]

  static var configuration: ControllerConfiguration {
    var configuration = ControllerConfiguration()
    configuration.workerTimeoutMs = 10_000
    configuration.restartGraceMs = 2000
    configuration.restartSpreadMs = 4000
    configuration.brakeExpiriesPerMinute = 60
    return configuration
  }

  init(_ configuration: ControllerConfiguration = JudgedFleet.configuration) {
    state = TestController(configuration: configuration)
  }

  func register(_ count: Int, confirmsStops: Bool = false, zone: String? = nil, prefix: String = "w", atMs: Int64) {
    for index in 0..<count {
      let name = "\(prefix)\(index)"
      workers[name] = state.register(name, confirmsStops: confirmsStops, zone: zone, atMs: atMs)
    }
  }

  func hear(_ count: Int, prefix: String = "w", atMs: Int64) {
    for index in 0..<count {
      guard let worker = workers["\(prefix)\(index)"] else { continue }
      _ = state.recordHeartbeat(worker, atMs: atMs)
    }
  }

  /// One whole judgement; returns the transactions that it led to.
  ///
  /// - Parameter between: what happens between two slices.
  @discardableResult
  func judge(asOfMs: Int64, slots: Int = 7, between: (_ slice: Int) -> Void = { _ in }) -> [Transaction] {
    var transactions: [Transaction] = []
    var slice = 0
    judge.begin(asOfMs: asOfMs)
    while judge.isUnderWay {
      for event in state.advance(&judge, slots: slots) { transactions.append(state.handle(event)) }
      between(slice)
      slice += 1
    }
    return transactions
  }
}

extension [Transaction] {
  var kinds: [EventKind] { map(\.event.kind) }
  var lost: Int { count { $0.event.kind == .workerFailed && $0.outcome == .applied } }
}
