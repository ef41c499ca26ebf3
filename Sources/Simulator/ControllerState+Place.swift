import Controller
import EventModel

extension ControllerState {
  /// Places what waits by first fit, as of the present clock, until nothing more fits.
  ///
  /// - Parameter handle: hands a proposal to the state machine.
  /// - Returns: the transactions, in order.
  public mutating func placeAll(_ handle: (Event, inout ControllerState) -> Transaction) -> [Transaction] {
    var policy: any SchedulingPolicy = FirstFit()
    var transactions: [Transaction] = []
    while let proposals = proposePlacementsIfCalledFor(
      using: &policy, limit: Int(Limits.replicas.upperBound), atMs: nowMs)
    {
      for proposal in proposals { transactions.append(handle(proposal, &self)) }
    }
    return transactions
  }
}
