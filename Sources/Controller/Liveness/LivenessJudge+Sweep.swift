import EventModel

extension LivenessJudge {
  /// A whole judgement as of one moment: for who drives a state machine by script and has all the time there is.
  ///
  /// - Parameter handle: hands an event that follows to the state machine.
  /// - Returns: the transactions, in order.
  public mutating func sweep(
    _ state: inout ControllerState, asOfMs: Int64,
    handle: (Event, inout ControllerState) -> Transaction = { event, state in state.handle(event) }
  ) -> [Transaction] {
    var transactions: [Transaction] = []
    var due: [Event] = []
    begin(asOfMs: asOfMs)
    while isUnderWay {
      advance(&state, slots: .max, into: &due)
      for event in due { transactions.append(handle(event, &state)) }
      due.removeAll(keepingCapacity: true)
    }
    return transactions
  }
}
