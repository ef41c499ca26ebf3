import CRingmaster
import EventBus
import EventModel

/// Whom a result concerns beside the peer that sent its event.
extension DispatchResult {
  /// The subscriptions that ask for it.
  var concerns: UInt32 {
    guard case .handled(let transaction) = disposition else { return RM_SUBSCRIBE_TRANSACTIONS }
    let concernsAssignments = transaction.placesTask || !transaction.tasksToKill.isEmpty
    return RM_SUBSCRIBE_TRANSACTIONS | (concernsAssignments ? RM_SUBSCRIBE_ASSIGNMENTS : 0)
  }

  /// The workers that it gives a task to or has stop one, each once.
  var workersWithOrders: Set<ByteText> {
    guard case .handled(let transaction) = disposition else { return [] }
    var names: Set<ByteText> = []
    if transaction.placesTask {
      for index in 0..<transaction.actionCount {
        guard let name = transaction.withAction(at: index, { $0.worker?.name }) else { continue }
        names.insert(ByteText(name))
      }
    }
    for kill in transaction.tasksToKill { names.insert(ByteText(kill.worker.name)) }
    return names
  }

  /// Is it for a subscriber, of a worker's own lane?
  func concerns(_ subscription: UInt32, of worker: ByteText?) -> Bool {
    guard subscription & concerns != 0 else { return false }
    return worker.map { workersWithOrders.contains($0) } ?? true
  }
}

extension Transaction {
  fileprivate var placesTask: Bool { kind == .taskAssigned && outcome == .applied }
}
