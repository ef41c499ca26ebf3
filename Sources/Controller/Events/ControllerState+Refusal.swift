import EventModel

extension ControllerState {
  /// Makes the transaction of an event that its sender may not send: rejected, and nothing changes.
  public mutating func refuse(_ event: Event, _ reason: RejectionReason) -> Transaction {
    let transaction = Transaction(
      number: transactionLog.lastNumber + 1, timestampMs: nowMs, event: event, outcome: .rejected(reason),
      subject: nil, actions: [], tasksToKill: [])
    transactionLog.append(transaction)
    return transaction
  }
}
